namespace DataPipeline.WebApi.Hosting;

internal static class ContentRoot
{
    private const string Settings = "appsettings.json";

    /// <summary>The settings lie in the working directory, as in development, or beside the program, from wherever it is started.</summary>
    internal static WebApplicationOptions OptionsFor(string[] args) => new() { Args = args, ContentRootPath = Override };

    internal static string? Override => File.Exists(Settings) ? null : AppContext.BaseDirectory;
}
