/** Makes the world's shapes as paths once and not in every browser, where it takes a tenth of a second. `npm run world` writes them. */

import { geoNaturalEarth1, geoPath } from "d3-geo";
import fc from "fast-check";
import type { FeatureCollection, Geometry } from "geojson";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import { expect, test } from "vitest";
import shapes from "world-atlas/countries-110m.json";
import { HEIGHT, MIDDLE, positionOf, SCALE, TENTHS, WIDTH } from "./geo";

/** Nobody lives there, and it would take a fifth of the map. */
const ANTARCTICA = "010";

const topology = shapes as unknown as Topology;
const all = feature(topology, topology.objects.countries as GeometryCollection) as FeatureCollection<Geometry>;
const shown = { ...all, features: all.features.filter(({ id }) => id !== ANTARCTICA) };
const projection = geoNaturalEarth1().fitSize([WIDTH, HEIGHT], shown);

/** The same path in whole tenths, each point but the first as its distance from the one before. */
function shortened(path: string): string {
  const rings = path.split("Z").filter(Boolean);
  return rings.map((ring) => {
    const points = ring.slice(1).split("L").map((point) => point.split(",").map((each) => Math.round(Number(each) * TENTHS)));
    const steps = points.slice(1).map(([x, y], index) => [x! - points[index]![0]!, y! - points[index]![1]!]);
    return `M${points[0]!.join(" ")}l${steps.filter(([x, y]) => x || y).flat().join(" ").replaceAll(" -", "-")}z`;
  }).join("");
}

test("world.json has the shapes of all countries", async () => {
  const draw = geoPath(projection).digits(1);
  const lines = shown.features.map((each) => JSON.stringify([String(each.id ?? ""), shortened(draw(each) ?? "")]));
  await expect(`[\n${lines.join(",\n")}\n]\n`).toMatchFileSnapshot("./world.json");
});

test("a place is where the projection of the shapes has it", () => {
  expect([projection.scale(), ...projection.translate()]).toEqual([SCALE, ...MIDDLE]);
  const degrees = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
  fc.assert(fc.property(degrees(179.999), degrees(90), (longitude, latitude) => {
    const [x, y] = positionOf(longitude, latitude);
    const [wantedX, wantedY] = projection([longitude, latitude])!;
    expect(x).toBeCloseTo(wantedX, 6);
    expect(y).toBeCloseTo(wantedY, 6);
  }));
});
