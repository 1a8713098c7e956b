using System.ComponentModel;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Destinations;

namespace DataPipeline.Application.Tests.Destinations;

public sealed class FileTests : IDisposable
{
    private static readonly Guid Pipeline = Guid.Parse("0197a000-0000-7000-8000-000000000001");
    private static readonly Guid Batch = Guid.Parse("0197a000-0000-7000-8000-000000000002");
    private readonly string _root = Path.Combine(Path.GetTempPath(), "datapipeline-tests", Path.GetRandomFileName());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_root)) Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task AChunk_IsAPart_OneRecordALine()
    {
        await Destination("exports").DeliverAsync(Chunk(ordinal: 12, records: 3), Stop);
        Assert.Equal("{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n", await ReadAsync($"exports/{Batch}/part-00012.ndjson"));
    }

    [Fact]
    public async Task AChunkThatComesInParts_HasAFileForEach_InTheOrderOfTheirNames()
    {
        var destination = Destination("exports");
        await destination.DeliverAsync(Chunk(ordinal: 1, records: 1), Stop);
        await destination.DeliverAsync(Chunk(ordinal: 0, records: 2) with { Part = 1 }, Stop);
        await destination.DeliverAsync(Chunk(ordinal: 0, records: 1), Stop);

        Assert.Equal(["part-00000.ndjson", "part-00000_00001.ndjson", "part-00001.ndjson"], Files().Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.Equal("{\"n\":0}\n{\"n\":1}\n", await ReadAsync($"exports/{Batch}/part-00000_00001.ndjson"));
    }

    [Fact]
    public async Task AChunkWithoutRecords_IsAnEmptyPart()
    {
        await Destination("exports").DeliverAsync(Chunk(0, 0), Stop);
        Assert.Equal("", await ReadAsync($"exports/{Batch}/part-00000.ndjson"));
    }

    [Theory]
    [InlineData("exports", "orders", "exports/{batch}")]
    [InlineData("exports/", "orders", "exports/{batch}")]
    [InlineData("{{batch.id}}", "orders", "{batch}")]
    [InlineData("a/{{ pipeline.name }}/b-{{batch.id}}/c", "orders", "a/orders/b-{batch}/c")]
    [InlineData("{{pipeline.id}}", "orders", "{pipeline}/{batch}")]
    [InlineData("{{pipeline.name}}", "Bestellungen 2026, Ä", "Bestellungen 2026%2C Ä/{batch}")]
    [InlineData("{{pipeline.name}}", "../../etc", "%2E.%2F..%2Fetc/{batch}")]
    [InlineData("{{pipeline.name}}", "..", "%2E./{batch}")]
    [InlineData("x{{pipeline.name}}", "/a\\b:c%", "x%2Fa%5Cb%3Ac%25/{batch}")]
    public async Task TheFolder_IsWhatThePathSays_AndTheBatchsOwn(string path, string pipelineName, string folder)
    {
        await Destination(path).DeliverAsync(Chunk(0, 1, pipelineName), Stop);

        var file = Assert.Single(Files());
        Assert.Equal($"{folder.Replace("{batch}", Batch.ToString(), StringComparison.Ordinal).Replace("{pipeline}", Pipeline.ToString(), StringComparison.Ordinal)}/part-00000.ndjson", file);
    }

    [Fact]
    public async Task Gzip_HoldsTheSame()
    {
        await Destination("exports", FileCompression.Gzip).DeliverAsync(Chunk(0, 1_000), Stop);

        await using var file = File.OpenRead(Path.Combine(_root, "exports", Batch.ToString(), "part-00000.ndjson.gz"));
        using var text = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        Assert.Equal(string.Concat(Enumerable.Range(0, 1_000).Select(i => $"{{\"n\":{i}}}\n")), await text.ReadToEndAsync(Stop));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AChunkThatComesAgain_ReplacesItsPart_ByteForByte(bool gzip)
    {
        var destination = Destination("exports", gzip ? FileCompression.Gzip : FileCompression.None);
        await destination.DeliverAsync(Chunk(0, 100), Stop);
        var file = Path.Combine(_root, Assert.Single(Files()));
        var first = await File.ReadAllBytesAsync(file, Stop);

        await destination.DeliverAsync(Chunk(0, 100, attempt: 2), Stop);

        Assert.Single(Files());
        Assert.Equal(first, await File.ReadAllBytesAsync(file, Stop));
    }

    [Fact]
    public async Task WhatAKilledProcessLeftBehind_GoesWithTheNextAttempt()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_root, "exports", Batch.ToString())).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, ".part-00000.ndjson.1.tmp"), "{\"n\":", Stop);
        await File.WriteAllTextAsync(Path.Combine(folder, ".part-00001.ndjson.1.tmp"), "{\"n\":", Stop);
        var destination = Destination("exports");

        await destination.DeliverAsync(Chunk(0, 1, attempt: 2), Stop);
        Assert.Equal([$"exports/{Batch}/.part-00001.ndjson.1.tmp", $"exports/{Batch}/part-00000.ndjson"], Files());
        await destination.CompleteAsync(Completed(), Stop);

        Assert.Equal([$"exports/{Batch}/_SUCCESS", $"exports/{Batch}/part-00000.ndjson"], Files());
    }

    [Fact]
    public async Task Completion_IsMarkedWithTheCounts_HoweverOftenItIsTold()
    {
        var destination = Destination("exports");

        for (var i = 0; i < 2; i++) await destination.CompleteAsync(Completed(), Stop);

        var marker = JsonElement.Parse(await ReadAsync($"exports/{Batch}/_SUCCESS"));
        Assert.Equal((10, 7, 2, 1), (Count("recordCount"), Count("deliveredCount"), Count("droppedCount"), Count("failedCount")));
        Assert.Equal((Batch, Pipeline), (marker.GetProperty("batchId").GetGuid(), marker.GetProperty("pipelineId").GetGuid()));

        int Count(string name) => marker.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task WhenCancelled_NothingIsLeft()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Destination("exports").DeliverAsync(Chunk(0, 3), new CancellationToken(canceled: true)).AsTask());
        Assert.Empty(Files());
    }

    [Fact]
    public async Task ASymbolicLink_IsNotFollowed()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_root, "outside")).FullName;
        Directory.CreateDirectory(Path.Combine(_root, "root"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "root", "exports"), outside);

        var refused = await Assert.ThrowsAsync<DeliveryException>(() => Destination("exports/deep", root: "root").DeliverAsync(Chunk(0, 1), Stop).AsTask());

        Assert.True(refused.IsPermanent);
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
    }

    [Fact]
    public async Task TheRootItself_MayBeALink()
    {
        var disk = Directory.CreateDirectory(Path.Combine(_root, "disk")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(_root, "root"), disk);

        await Destination("exports", root: "root").DeliverAsync(Chunk(0, 1), Stop);

        Assert.True(File.Exists(Path.Combine(disk, "exports", Batch.ToString(), "part-00000.ndjson")));
    }

    [Fact]
    public async Task WhereAFileStandsInTheWay_ItMayBeTriedAgain_AndTheReasonShowsNothingOfTheMachine()
    {
        Directory.CreateDirectory(_root);
        await File.WriteAllTextAsync(Path.Combine(_root, "exports"), "", Stop);

        var refused = await Assert.ThrowsAsync<DeliveryException>(() => Destination("exports").DeliverAsync(Chunk(0, 1), Stop).AsTask());

        Assert.False(refused.IsPermanent);
        Assert.StartsWith($"The files in \"exports/{Batch}\" could not be written: ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_root, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhereNoFolderCanBeMade_TheReasonIsTheSystems()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A file system that takes no folders.");
        var refused = await Assert.ThrowsAsync<DeliveryException>(() => new FileDestination(Options("exports"), new FilesOptions { Root = "/proc/files" }).DeliverAsync(Chunk(0, 1), Stop).AsTask());
        Assert.False(refused.IsPermanent);
        Assert.DoesNotContain("/proc", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhenTheDiskIsFull_TheReasonIsThat_AndNoPartIsLeft()
    {
        var disk = Directory.CreateDirectory(Path.Combine(_root, "disk")).FullName;
        Assert.SkipUnless(OperatingSystem.IsLinux() && await RunAsync("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk), "Needs the right to mount a small disk.");
        try
        {
            var refused = await Assert.ThrowsAsync<DeliveryException>(() => Destination("exports", root: "disk").DeliverAsync(Chunk(0, 100_000), Stop).AsTask());

            Assert.Equal((false, $"The files in \"exports/{Batch}\" could not be written: No space left on device."), (refused.IsPermanent, refused.Message));
            Assert.Empty(Files());
        }
        finally
        {
            await RunAsync("umount", disk);
        }
    }

    [Theory]
    [InlineData("", "INVALID_VALUE")]
    [InlineData("/etc", "INVALID_VALUE")]
    [InlineData("..", "INVALID_VALUE")]
    [InlineData("a/../../b", "INVALID_VALUE")]
    [InlineData("a/./b", "INVALID_VALUE")]
    [InlineData("a//b", "INVALID_VALUE")]
    [InlineData("a\\\\..\\\\b", "INVALID_VALUE")]
    [InlineData("C:/a", "INVALID_VALUE")]
    [InlineData("a\\u0000b", "INVALID_VALUE")]
    [InlineData("{{pipeline.name}}/../../x", "INVALID_VALUE")]
    [InlineData("/{{batch.id}}", "INVALID_VALUE")]
    [InlineData("{{customer.id}}", "INVALID_VALUE")]
    [InlineData("{{now}}", "INVALID_VALUE")]
    [InlineData("{{record.index}}", "INVALID_VALUE")]
    [InlineData("{{batch.id", "INVALID_TEMPLATE")]
    public void APathThatLeadsOut_OrCannotBe_IsRefusedAtCreation(string path, string code)
    {
        var fault = Assert.Single(DestinationConfig.FaultsOf("file", $$"""{"path":"{{path}}"}"""));
        Assert.Equal(("config.destination.options.path", code), (fault.Field, fault.Code));
    }

    [Fact]
    public void WithoutPath_OrWithAnotherCompression_ItIsRefused()
    {
        Assert.Equal(["REQUIRED", "INVALID_VALUE"], DestinationConfig.FaultsOf("file", """{"compression":"zip"}""").Select(fault => fault.Code));
        Assert.Empty(DestinationConfig.FaultsOf("file", """{"path":"a","compression":"gzip"}"""));
    }

    private static async Task<bool> RunAsync(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync(CancellationToken.None);
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false; // There is no such command.
        }
    }

    private static FileDestinationOptions Options(string path, FileCompression compression = FileCompression.None) => new() { Path = Template.Parse(path), Compression = compression };

    private static DeliveryChunk Chunk(int ordinal, int records, string pipelineName = "orders", int attempt = 1) =>
        new(Pipeline, pipelineName, Batch, 0, attempt, [.. Enumerable.Range(0, records).Select(i => new DeliveryRecord(i, Encoding.UTF8.GetBytes($$"""{"n":{{i}}}""")))]) { Ordinal = ordinal };

    private static DeliveredBatch Completed() => new(Pipeline, "orders", Batch, 10, 7, 2, 1);

    private FileDestination Destination(string path, FileCompression compression = FileCompression.None, string root = "")
    {
        var options = Options(path, compression);
        Assert.Empty(options.Validate());
        return new FileDestination(options, new FilesOptions { Root = Path.Combine(_root, root) });
    }

    private string[] Files() => Directory.Exists(_root) ? [.. Directory.EnumerateFiles(_root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Select(file => Path.GetRelativePath(_root, file)).Order(StringComparer.Ordinal)] : [];

    private Task<string> ReadAsync(string file) => File.ReadAllTextAsync(Path.Combine(_root, file), Stop);
}
