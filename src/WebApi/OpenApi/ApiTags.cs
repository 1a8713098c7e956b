namespace DataPipeline.WebApi.OpenApi;

/// <summary>The groups of operations.</summary>
internal static class ApiTags
{
    internal const string Pipelines = "Pipelines";
    internal const string Batches = "Batches";
    internal const string Catalogue = "Catalogue";
}
