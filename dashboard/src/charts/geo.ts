/** The world as `world.json` has it, and where a place is on it. */

import world from "./world.json";

export interface Country {
  /** ISO 3166-1 numeric, as the shapes have it; "" for what has none. */
  numeric: string;
  path: string;
}

export const WIDTH = 600;
export const HEIGHT = 286;
/** The paths are in tenths of that: whole numbers are shorter. */
export const TENTHS = 10;
/** Of the projection, so that all countries fill the map. */
export const SCALE = 111.00780313388547;
export const MIDDLE = [300, 165.5124251393129] as const;

export const COUNTRIES: readonly Country[] = world.map(([numeric, path]) => ({ numeric: numeric!, path: path! }));

/** Where a place is on the map, by the projection of its shapes: Natural Earth, a polynomial. Degrees in. */
export function positionOf(longitude: number, latitude: number): [number, number] {
  const [across, up] = [(longitude * Math.PI) / 180, (latitude * Math.PI) / 180];
  const [two, four] = [up ** 2, up ** 4];
  const x = across * (0.8707 - 0.131979 * two + four * (-0.013791 + four * (0.003971 * two - 0.001529 * four)));
  const y = up * (1.007226 + two * (0.015085 + four * (-0.044475 + 0.028874 * two - 0.005916 * four)));
  return [MIDDLE[0] + SCALE * x, MIDDLE[1] - SCALE * y];
}

/** 0 is nothing, 5 the most: the step of a value on a scale of square roots. */
export function stepOf(value: number, most: number): number {
  return value <= 0 || most <= 0 ? 0 : Math.min(5, Math.ceil(Math.sqrt(value / most) * 5));
}
