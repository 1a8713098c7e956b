using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace DataPipeline.Infrastructure.Persistence.Signals;

/// <summary>
/// Signals between the processes on one database. NOTIFY takes a lock of the whole database at commit, so notifications are gathered
/// and sent apart from the transactions they tell of. Where LISTEN does not work, as behind some poolers, those who wait poll.
/// </summary>
internal sealed class PostgresBatchSignals(NpgsqlDataSource source, TimeProvider clock, Domain.Common.IIdGenerator ids, ILogger<PostgresBatchSignals> logger) : BatchSignals, IHostedService
{
    private const string WorkChannel = "datapipeline_work";
    private const string EndChannel = "datapipeline_end";
    private static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    /// <summary>Tells this process' notifications, which have had their effect already, from those of the others.</summary>
    private readonly string _self = ids.NewId().ToString("N");

    private readonly Channel<Guid?> _outbox = Channel.CreateBounded<Guid?>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private Task _loops = Task.CompletedTask;

    public override void WorkArrived()
    {
        base.WorkArrived();
        _outbox.Writer.TryWrite(null);
    }

    public override void BatchEnded(Guid batchId)
    {
        base.BatchEnded(batchId);
        _outbox.Writer.TryWrite(batchId);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loops = Task.WhenAll(Task.Run(() => ListenAsync(_stopping.Token), CancellationToken.None), Task.Run(() => NotifyAsync(_stopping.Token), CancellationToken.None));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_loops.IsCompleted) return; // A host that is told to stop by two at once stops its services twice, the second time perhaps after disposal.
        await _stopping.CancelAsync();
        await _loops.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _stopping.Dispose();
        base.Dispose(disposing);
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        var isTold = false;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(ct);
                connection.Notification += (_, notification) => Receive(notification);
                await using (var listen = new NpgsqlCommand($"LISTEN {WorkChannel}; LISTEN {EndChannel}", connection)) await listen.ExecuteNonQueryAsync(ct);
                PersistenceLog.Listening(logger);
                isTold = false;
                Wake(); // For what arrived while nobody listened.
                while (true) await connection.WaitAsync(ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is NpgsqlException or IOException or System.Net.Sockets.SocketException or TimeoutException)
            {
                if (!isTold) PersistenceLog.NotListening(logger, failure); // Once: where it never works, as behind some poolers, this goes on for good.
                isTold = true;
                await Task.Delay(RetryPause, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task NotifyAsync(CancellationToken ct)
    {
        var ended = new List<string>();
        try
        {
            while (await _outbox.Reader.WaitToReadAsync(ct))
            {
                var work = false;
                ended.Clear();
                while (_outbox.Reader.TryRead(out var batchId))
                {
                    if (batchId is { } id) ended.Add($"{_self}{id:N}");
                    else work = true;
                }

                await SendAsync(work, ended, ct);
                await Task.Delay(GatherTime, clock, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return; // Shutdown: whoever waits in another process polls.
        }
    }

    private async Task SendAsync(bool work, List<string> ended, CancellationToken ct)
    {
        try
        {
            await using var command = source.CreateCommand("SELECT pg_notify($1, $2) WHERE $3 UNION ALL SELECT pg_notify($4, batch) FROM unnest($5) AS batch");
            foreach (var value in new object[] { WorkChannel, _self, work, EndChannel, ended.ToArray() }) command.Parameters.Add(new NpgsqlParameter { Value = value });
            await command.ExecuteNonQueryAsync(ct);
        }
        catch (NpgsqlException failure)
        {
            PersistenceLog.NotNotified(logger, failure);
        }
    }

    private void Receive(NpgsqlNotificationEventArgs notification)
    {
        if (notification.Payload.StartsWith(_self, StringComparison.Ordinal)) return;
        if (notification.Channel == WorkChannel) Wake();
        else if (notification.Payload.Length == 64 && Guid.TryParseExact(notification.Payload.AsSpan(32), "N", out var batchId)) WakeWaitersFor(batchId);
    }
}
