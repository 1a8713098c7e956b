using System.Collections.Concurrent;
using DataPipeline.Infrastructure.Persistence;
using Microsoft.Extensions.Time.Testing;

namespace DataPipeline.WebApi.IntegrationTests.Persistence;

public sealed class IdTests
{
    [Fact]
    public void NewId_IsAVersion7OfTheTime()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddMilliseconds(0x0123_4567_89AB));

        var id = new UuidV7Generator(clock).NewId();

        Assert.Equal(7, id.Version);
        Assert.InRange(id.Variant, 8, 11);
        Assert.StartsWith("01234567-89ab-7000-", id.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void NewId_AscendsWhereTheClockStandsStillOrGoesBack()
    {
        var clock = new FakeTimeProvider();
        clock.AutoAdvanceAmount = TimeSpan.Zero;
        var ids = new UuidV7Generator(clock);

        var made = Enumerable.Range(0, 10_000).Select(_ => ids.NewId()).ToList();

        Assert.Equal(made.OrderBy(id => id.ToString(), StringComparer.Ordinal), made);
        Assert.Equal(made.Count, made.Distinct().Count());
    }

    [Fact]
    public async Task NewId_ByManyThreads_IsNeverTheSame()
    {
        var ids = new UuidV7Generator(TimeProvider.System);
        var made = new ConcurrentBag<Guid>();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 5_000; i++) made.Add(ids.NewId());
        })));

        Assert.Equal(20_000, made.Select(id => id.ToString()[..18]).Distinct().Count());
    }
}
