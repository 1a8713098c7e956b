namespace DataPipeline.WebApi.IntegrationTests;

/// <summary>The files that are kept with the code and have to agree with it.</summary>
internal static class Repository
{
    private static readonly string Root = Find(new DirectoryInfo(AppContext.BaseDirectory));

    internal static string PathOf(string file) => Path.Combine(Root, file);

    internal static string Read(string file) => File.ReadAllText(PathOf(file));

    private static string Find(DirectoryInfo folder) => File.Exists(Path.Combine(folder.FullName, "DataPipeline.sln"))
        ? folder.FullName
        : Find(folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository."));
}
