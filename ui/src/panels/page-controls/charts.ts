/**
 * The charts of the Overview, apart from what a browser must load before the page stands. They are asked for as soon as
 * the page is, beside its numbers, so that they are there when the numbers come.
 */
import { lazy } from "react";

const timeChart = import("../../charts/TimeChart.tsx");
const barChart = import("../../charts/BarChart.tsx");
const donutChart = import("../../charts/DonutChart.tsx");

export const TimeChart = lazy(() => timeChart.then((module) => ({ default: module.TimeChart })));
export const BarChart = lazy(() => barChart.then((module) => ({ default: module.BarChart })));
export const DonutChart = lazy(() => donutChart.then((module) => ({ default: module.DonutChart })));
