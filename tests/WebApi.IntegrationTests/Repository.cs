namespace DataPipeline.WebApi.IntegrationTests;

/// <summary>The files that are kept with the code and have to agree with it.</summary>
internal static class Repository
{
    private static readonly string Root = Find(new DirectoryInfo(AppContext.BaseDirectory));

    internal static string PathOf(string file) => Path.Combine(Root, file);

    internal static string Read(string file) => File.ReadAllText(PathOf(file));

    /// <summary>The pages that are read by people: paths from the root, with slashes.</summary>
    internal static IEnumerable<string> Pages() =>
        from file in Directory.EnumerateFiles(Root, "*.md", new EnumerationOptions { RecurseSubdirectories = true })
        let path = Path.GetRelativePath(Root, file).Replace('\\', '/')
        where !path.Split('/').Any(folder => folder is "node_modules" or "bin" or "obj" or "TestResults")
        select path;

    private static string Find(DirectoryInfo folder) => File.Exists(Path.Combine(folder.FullName, "DataPipeline.sln"))
        ? folder.FullName
        : Find(folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository."));
}
