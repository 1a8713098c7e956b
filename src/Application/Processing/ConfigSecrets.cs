using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPipeline.Application.Pipelines;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Processing;

/// <summary>Keeps the secrets of configurations inside: what of one may be shown, and what one that was shown and is sent back means. Thread-safe.</summary>
internal sealed class ConfigSecrets(IProcessorCatalog processorTypes, IDestinationCatalog destinationTypes)
{
    internal const string Mask = "***";

    private readonly ConcurrentDictionary<Type, IReadOnlyList<string>> _secretOptions = new();

    /// <summary>The configuration with <see cref="Mask"/> in the place of every secret. Of a type that is not known here, every text is one.</summary>
    internal JsonElement Hide(PipelineConfig config)
    {
        var element = config.ToElement();
        var root = JsonObject.Create(element)!;
        return Replace(root, null, (_, _, _) => Mask) ? JsonSerializer.SerializeToElement(root) : element;
    }

    /// <summary>The definition with what is stored in the place of every <see cref="Mask"/>; where nothing is, that is a fault of it.</summary>
    /// <param name="stored">The configuration that was shown; <c>null</c> where there is none yet.</param>
    internal PipelineDefinition Restore(PipelineDefinition definition, PipelineConfig? stored)
    {
        // What cannot be read is refused for that, and never stored.
        var problems = new Problems();
        if (definition.Config.ValueKind != JsonValueKind.Object || !problems.CheckText(definition.Config, "config") || problems.Details.Count > 0) return definition;

        var missing = new List<ErrorDetail>();
        var root = JsonObject.Create(definition.Config)!;
        var changed = Replace(root, stored is null ? null : JsonObject.Create(stored.ToElement()), (value, present, path) =>
        {
            if (value != Mask) return value;
            if (TextOf(present) is { } secret) return secret;
            missing.Add(new ErrorDetail(path, "SECRET_REQUIRED", $"{Problems.NameOf(path)} is \"{Mask}\", which stands for a secret that is stored here; none is."));
            return value;
        });
        if (missing.Count > 0) return definition with { Faults = [.. definition.Faults, .. missing] };
        return changed ? definition with { Config = JsonSerializer.SerializeToElement(root) } : definition;
    }

    /// <param name="replace">Gives what stands in a secret's place from now on: from what stands there, what stands in the same place of <paramref name="stored"/>, and its path.</param>
    /// <returns>Whether anything was replaced.</returns>
    private bool Replace(JsonObject config, JsonObject? stored, Func<string, JsonNode?, string, string> replace)
    {
        var changed = ReplaceInComponent(config["destination"], stored?["destination"], "config.destination", destinationTypes.Types, replace);
        return ReplaceInSteps(config["processors"], stored?["processors"], "config.processors", replace) || changed;
    }

    private bool ReplaceInSteps(JsonNode? steps, JsonNode? stored, string path, Func<string, JsonNode?, string, string> replace)
    {
        var changed = false;
        for (var i = 0; steps is JsonArray array && i < array.Count; i++)
            changed = ReplaceInStep(array[i], stored is JsonArray old && i < old.Count ? old[i] : null, $"{path}[{i}]", replace) || changed;
        return changed;
    }

    private bool ReplaceInStep(JsonNode? step, JsonNode? stored, string path, Func<string, JsonNode?, string, string> replace)
    {
        if (step is not JsonObject json) return false;
        var old = stored as JsonObject;
        var changed = ReplaceInComponent(json, old, path, processorTypes.Types, replace);
        changed = ReplaceInSteps(json["onFailure"], old?["onFailure"], $"{path}.onFailure", replace) || changed;

        // A processor that has another one in it.
        var inner = (json["options"] as JsonObject)?["processor"];
        return ReplaceInStep(inner, (old?["options"] as JsonObject)?["processor"], $"{path}.options.processor", replace) || changed;
    }

    private bool ReplaceInComponent(JsonNode? component, JsonNode? stored, string path, IReadOnlyDictionary<string, ComponentDescriptor> types, Func<string, JsonNode?, string, string> replace)
    {
        if (component is not JsonObject json || TextOf(json["type"]) is not { } type || json["options"] is not JsonObject options) return false;
        var old = stored is JsonObject before && TextOf(before["type"]) == type ? before["options"] as JsonObject : null;
        var names = types.TryGetValue(type, out var descriptor) ? _secretOptions.GetOrAdd(descriptor.OptionsType, SecretsOf) : [.. options.Select(option => option.Key)];
        var changed = false;
        foreach (var name in names) changed = ReplaceTexts(options, name, old?[name], $"{path}.options.{name}", replace) || changed;
        return changed;
    }

    private static bool ReplaceTexts(JsonObject owner, string name, JsonNode? stored, string path, Func<string, JsonNode?, string, string> replace)
    {
        if (TextOf(owner[name]) is { } text)
        {
            var replacement = replace(text, stored, path);
            if (replacement == text) return false;
            owner[name] = replacement;
            return true;
        }

        var changed = false;
        if (owner[name] is JsonObject json)
        {
            foreach (var key in json.Select(property => property.Key).ToList()) changed = ReplaceTexts(json, key, (stored as JsonObject)?[key], $"{path}.{key}", replace) || changed;
        }

        if (owner[name] is not JsonArray array) return changed;
        for (var i = 0; i < array.Count; i++)
        {
            var item = new JsonObject { ["item"] = array[i]?.DeepClone() };
            if (!ReplaceTexts(item, "item", stored is JsonArray old && i < old.Count ? old[i] : null, $"{path}[{i}]", replace)) continue;
            array[i] = item["item"]!.DeepClone();
            changed = true;
        }

        return changed;
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static IReadOnlyList<string> SecretsOf(Type options) => [.. OptionDescriptor.AllOf(options).Where(option => option.IsSecret).Select(option => option.Name)];
}
