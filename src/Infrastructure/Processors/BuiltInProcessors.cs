using DataPipeline.Application.Processing;
using DataPipeline.Infrastructure.Processors.Grok;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>The processor types that come with the service.</summary>
/// <param name="scriptLimits">What scripts may use up; the most there is unless given.</param>
internal sealed class BuiltInProcessors(IOptions<ScriptLimits>? scriptLimits = null) : IProcessorCatalog
{
    public IReadOnlyDictionary<string, ComponentDescriptor> Types { get; } = new[]
    {
        typeof(SetProcessor),
        typeof(CopyProcessor),
        typeof(RenameProcessor),
        typeof(RemoveProcessor),
        typeof(AppendProcessor),
        typeof(ConvertProcessor),
        typeof(DateProcessor),
        typeof(LowercaseProcessor),
        typeof(UppercaseProcessor),
        typeof(TrimProcessor),
        typeof(HtmlStripProcessor),
        typeof(UrlDecodeProcessor),
        typeof(BytesProcessor),
        typeof(SplitProcessor),
        typeof(JoinProcessor),
        typeof(GsubProcessor),
        typeof(ExtractProcessor),
        typeof(DissectProcessor),
        typeof(GrokProcessor),
        typeof(JsonProcessor),
        typeof(SortProcessor),
        typeof(LookupProcessor),
        typeof(CsvProcessor),
        typeof(KvProcessor),
        typeof(DotExpanderProcessor),
        typeof(UriPartsProcessor),
        typeof(FingerprintProcessor),
        typeof(RedactProcessor),
        typeof(ValidateProcessor),
        typeof(ForeachProcessor),
        typeof(DropProcessor),
        typeof(FailProcessor),
        typeof(TerminateProcessor),
    }.Select(ComponentDescriptor.Of).Append(ScriptType(scriptLimits?.Value ?? new ScriptLimits())).ToDictionary(descriptor => descriptor.Type, StringComparer.Ordinal);

    private static ComponentDescriptor ScriptType(ScriptLimits limits) =>
        ComponentDescriptor.Of(typeof(ScriptProcessor)) with { Create = options => new ScriptProcessor((ScriptOptions)options, limits) };
}
