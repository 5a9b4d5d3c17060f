/** Countries as paths. Shapes in, paths out; it asks the API for nothing. */

import { geoNaturalEarth1, geoPath } from "d3-geo";
import type { FeatureCollection, Geometry } from "geojson";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";

export interface Country {
  /** ISO 3166-1 numeric, as the shapes have it; "" for what has none. */
  numeric: string;
  path: string;
}

export const WIDTH = 600;
export const HEIGHT = 286;
/** Nobody lives there, and it would take a fifth of the map. */
const ANTARCTICA = "010";

const projection = geoNaturalEarth1();

export function countriesOf(topology: Topology): Country[] {
  const world = feature(topology, topology.objects.countries as GeometryCollection) as FeatureCollection<Geometry>;
  const shown = { ...world, features: world.features.filter(({ id }) => id !== ANTARCTICA) };
  projection.fitSize([WIDTH, HEIGHT], shown);
  const draw = geoPath(projection).digits(1);
  return shown.features.map((each) => ({ numeric: String(each.id ?? ""), path: draw(each) ?? "" }));
}

/** Where a place is on the map that `countriesOf` has drawn. */
export function positionOf(longitude: number, latitude: number): [number, number] | null {
  return projection([longitude, latitude]);
}

/** 0 is nothing, 5 the most: the step of a value on a scale of square roots. */
export function stepOf(value: number, most: number): number {
  return value <= 0 || most <= 0 ? 0 : Math.min(5, Math.ceil(Math.sqrt(value / most) * 5));
}
