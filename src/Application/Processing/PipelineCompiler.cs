using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Domain.Processing;
using Microsoft.Extensions.Options;

namespace DataPipeline.Application.Processing;

/// <summary>Makes a configuration ready to run, or says everything that is wrong with it. Thread-safe.</summary>
/// <param name="limits">What processors may use up; the defaults unless given.</param>
internal sealed class PipelineCompiler(IProcessorCatalog processorTypes, IDestinationCatalog destinationTypes, IOptions<ProcessingOptions>? limits = null)
{
    internal const int MaxTextLength = 1_000;

    private static readonly string[] SourceTypes = ["api"];

    private readonly ProcessingOptions _limits = limits?.Value ?? new ProcessingOptions();

    /// <param name="config">A configuration as its owner wrote it; whatever it is, the answer is a value.</param>
    /// <returns>The pipeline; or a validation error whose details have paths that begin with <c>config</c>.</returns>
    internal Result<CompiledPipeline> Compile(JsonElement config)
    {
        var problems = new Problems();
        var pipeline = Compile(config, "config", problems);
        if (pipeline is not null && problems.Details.Count == 0) return pipeline;
        pipeline?.Dispose();
        return Error.Validation("The pipeline configuration is not valid.", problems.Details);
    }

    private CompiledPipeline? Compile(JsonElement config, string path, Problems problems)
    {
        if (config.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            problems.Required(path);
            return null;
        }

        if (config.ValueKind != JsonValueKind.Object)
        {
            problems.WrongType(path, "an object", config);
            return null;
        }

        if (!problems.CheckText(config, path)) return null;
        problems.RefuseUnknown(config, path, ["source", "processors", "destination", "errorPolicy"]);
        var source = CompileSource(config, $"{path}.source", problems);
        var plugins = new PluginCalls();
        var steps = CompileSteps(config, "processors", path, null, new Scope(null, plugins), problems);
        if (steps is null && !Has(config, "processors", out _)) problems.Required($"{path}.processors");
        var (destination, deliversToPlugin) = CompileDestination(config, $"{path}.destination", problems);
        var policy = CompilePolicy(config, $"{path}.errorPolicy", problems);
        return new CompiledPipeline(source?.RecordSchema, steps ?? [], destination, policy) { Plugins = plugins.IsUsed ? plugins : null, DeliversToPlugin = deliversToPlugin };
    }

    private static ApiSourceOptions? CompileSource(JsonElement config, string path, Problems problems)
    {
        if (ReadTyped(config, "source", path, problems) is not { } source) return null;
        if (SourceTypes.Contains(source.Type)) return (ApiSourceOptions?)OptionsBinder.Bind(typeof(ApiSourceOptions), source.Options, $"{path}.options", problems);
        problems.Add($"{path}.type", "UNKNOWN_TYPE", $"There is no source \"{source.Type}\". {Names.Hint(source.Type, SourceTypes)}");
        return null;
    }

    private (IDestination? Destination, bool IsPlugin) CompileDestination(JsonElement config, string path, Problems problems)
    {
        if (ReadTyped(config, "destination", path, problems) is not { } destination) return default;
        if (destination.Type == IDestinationCatalog.Store)
        {
            OptionsBinder.Bind(typeof(NoOptions), destination.Options, $"{path}.options", problems);
            return default;
        }

        if (destinationTypes.Types.TryGetValue(destination.Type, out var type))
            return ((IDestination?)Create(type, destination.Options, $"{path}.options", problems, null), type.Plugin is not null);
        problems.Add($"{path}.type", "UNKNOWN_TYPE", $"There is no destination \"{destination.Type}\". {Names.Hint(destination.Type, [IDestinationCatalog.Store, .. destinationTypes.Types.Keys])}");
        return default;
    }

    private static ErrorPolicy CompilePolicy(JsonElement config, string path, Problems problems)
    {
        if (!Has(config, "errorPolicy", out var json)) return ErrorPolicy.Unbounded;
        return OptionsBinder.Bind(typeof(ErrorPolicyOptions), json, path, problems) is ErrorPolicyOptions options
            ? new ErrorPolicy(options.MaxFailedRecords, options.MaxFailedPercent)
            : ErrorPolicy.Unbounded;
    }

    /// <param name="index">The processor whose <c>onFailure</c> this is; <c>null</c> for the pipeline's own list.</param>
    private CompiledStep[]? CompileSteps(JsonElement owner, string name, string path, int? index, Scope scope, Problems problems)
    {
        if (!Has(owner, name, out var json)) return null;
        var place = $"{path}.{name}";
        if (json.ValueKind != JsonValueKind.Array)
        {
            problems.WrongType(place, "an array", json);
            return null;
        }

        if (json.GetArrayLength() > Pipeline.MaxProcessors)
        {
            problems.Add(place, "TOO_MANY", $"{name} may have at most {Pipeline.MaxProcessors} entries.");
            return null;
        }

        return [.. json.EnumerateArray().Select((item, i) => CompileStep(item, $"{place}[{i}]", index ?? i, scope, problems)).OfType<CompiledStep>()];
    }

    private CompiledStep? CompileStep(JsonElement json, string path, int index, Scope scope, Problems problems)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            problems.WrongType(path, "an object", json);
            return null;
        }

        problems.RefuseUnknown(json, path, ["type", "tag", "description", "if", "ignoreFailure", "onFailure", "options"]);
        var tag = ReadText(json, "tag", path, problems);
        ReadText(json, "description", path, problems);
        var condition = Has(json, "if", out var conditionJson) ? ConditionCompiler.Compile(conditionJson, $"{path}.if", problems) : null;
        var ignoreFailure = Has(json, "ignoreFailure", out var ignore) && JsonValues.ReadBoolean(ignore, $"{path}.ignoreFailure", problems) == true;
        var onFailure = CompileSteps(json, "onFailure", path, index, scope, problems);
        var type = ReadText(json, "type", path, problems);
        if (type is null)
        {
            if (!Has(json, "type", out _)) problems.Required($"{path}.type");
            return null;
        }

        if (!processorTypes.Types.TryGetValue(type, out var descriptor))
        {
            problems.Add($"{path}.type", "UNKNOWN_TYPE", $"There is no processor \"{type}\". {Names.Hint(type, [.. processorTypes.Types.Keys])}");
            return null;
        }

        var processor = Create(descriptor, Has(json, "options", out var optionsJson) ? optionsJson : null, $"{path}.options", problems, (inner, place) => CompileInner(inner, place, index, scope, problems));
        if (processor is null) return null;
        scope.Plugins.IsUsed |= descriptor.Plugin is not null;
        return new CompiledStep(new ProcessorRef(index, descriptor.Type, tag), processor, descriptor.IsAtomic)
        {
            Plugins = descriptor.Plugin is null ? null : scope.Plugins,
            If = condition,
            IgnoreFailure = ignoreFailure,
            OnFailure = onFailure is [] ? null : onFailure,
        };
    }

    private InnerProcessor? CompileInner(JsonElement json, string path, int index, Scope outer, Problems problems)
    {
        var nesting = outer.Nesting is { } within ? within with { Depth = within.Depth + 1 } : new InnerProcessor.Nesting(1, new InnerProcessor.Budget(_limits.Timeout));
        if (nesting.Depth <= InnerProcessor.MaxDepth) return CompileStep(json, path, index, outer with { Nesting = nesting }, problems) is { } step ? new InnerProcessor(step, nesting) : null;
        problems.Add(path, "TOO_DEEP", $"Processors may lie in each other at most {InnerProcessor.MaxDepth} deep.");
        return null;
    }

    /// <param name="compileInner">Compiles a processor in the options; <c>null</c> where there can be none.</param>
    /// <returns>An instance of the type, or <c>null</c> where its options are wrong or it will not have them.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a constructor, or a plugin's options record, throws is its refusal of the options.")]
    private static object? Create(ComponentDescriptor type, JsonElement? json, string path, Problems problems, Func<JsonElement, string, InnerProcessor?>? compileInner)
    {
        object? component = null;
        InnerProcessor? nested = null;
        try
        {
            if (OptionsBinder.Bind(type.OptionsType, json, path, problems, (element, place) => nested = compileInner?.Invoke(element, place)) is { } options) component = type.Create(options);
            return component;
        }
        catch (Exception e)
        {
            var cause = e is TargetInvocationException { InnerException: { } inner } ? inner : e;
            problems.Invalid(path, $"{type.Type} refuses these options: {Excerpt.Of(cause.Message, RecordRunner.MaxMessageLength)}");
            return null;
        }
        finally
        {
            if (component is null) nested?.Dispose();
        }
    }

    private static (string Type, JsonElement? Options)? ReadTyped(JsonElement config, string name, string path, Problems problems)
    {
        if (!Has(config, name, out var json))
        {
            problems.Required(path);
            return null;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            problems.WrongType(path, "an object", json);
            return null;
        }

        problems.RefuseUnknown(json, path, ["type", "options"]);
        if (ReadText(json, "type", path, problems) is { } type) return (type, Has(json, "options", out var options) ? options : null);
        if (!Has(json, "type", out _)) problems.Required($"{path}.type");
        return null;
    }

    private static string? ReadText(JsonElement json, string name, string path, Problems problems)
    {
        if (!Has(json, name, out var value) || JsonValues.ReadString(value, $"{path}.{name}", problems) is not { } text) return null;
        if (text.Length <= MaxTextLength) return text;
        problems.Invalid($"{path}.{name}", $"{name} may have at most {MaxTextLength} characters.");
        return null;
    }

    /// <summary>Whether the property is there; <c>null</c> is as good as nothing.</summary>
    private static bool Has(JsonElement json, string name, out JsonElement value) => json.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>What a list of processors belongs to.</summary>
    /// <param name="Nesting">What they lie in; <c>null</c> where they lie in no other one's options.</param>
    /// <param name="Plugins">What those of plugins are called through.</param>
    private readonly record struct Scope(InnerProcessor.Nesting? Nesting, PluginCalls Plugins);
}
