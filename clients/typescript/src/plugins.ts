import type { PluginDestination, PluginProcessor } from "./generated.js";

/**
 * The name of a type that a plugin of the service brings. It is a type of its own, so that a mistyped name of a built-in type is not taken for one;
 * an enumeration, because only then a comparison with a built-in name rules it out.
 */
declare enum PluginType {
  named = "",
}

export type { PluginType };

/** A processor of a type that a plugin brings. */
export function pluginProcessor(type: string, processor: Omit<PluginProcessor, "type"> = {}): PluginProcessor {
  return { ...processor, type: type as PluginType };
}

/** A destination of a type that a plugin brings. */
export function pluginDestination(type: string, destination: Omit<PluginDestination, "type"> = {}): PluginDestination {
  return { ...destination, type: type as PluginType };
}
