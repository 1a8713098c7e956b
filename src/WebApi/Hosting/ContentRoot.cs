namespace DataPipeline.WebApi.Hosting;

internal static class ContentRoot
{
    /// <summary>Settings are read once. Watching their file would take one of the few inotify instances that a user has on Linux, and where none is left fail the start.</summary>
    internal const string ReadOnce = "--hostBuilder:reloadConfigOnChange=false";

    private const string Settings = "appsettings.json";

    /// <summary>The settings lie in the working directory, as in development, or beside the program, from wherever it is started.</summary>
    internal static WebApplicationOptions OptionsFor(string[] args) => new() { Args = [ReadOnce, .. args], ContentRootPath = Override };

    internal static string? Override => File.Exists(Settings) ? null : AppContext.BaseDirectory;
}
