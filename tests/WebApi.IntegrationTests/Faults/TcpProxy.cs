using System.Net;
using System.Net.Sockets;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

/// <summary>
/// A way to a Unix socket that can go dark as a network does: connections stay, new ones do not come about, and nothing gets through until it is light again;
/// then all of it does, since what is lost is sent again.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _waiting = [];
    private readonly UnixDomainSocketEndPoint _target;
    private readonly Task _accepting;
    private readonly CancellationTokenSource _stopping = new();
    private volatile TaskCompletionSource _light = new();

    internal TcpProxy(string socket)
    {
        _target = new UnixDomainSocketEndPoint(socket);
        _light.SetResult();
        _listener.Start(backlog: 1);
        _accepting = AcceptAsync();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Fills the line of those that wait to be let in: the kernel drops the packets of whoever comes after them.</summary>
    internal async Task GoDarkAsync()
    {
        _light = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (true)
        {
            var client = new TcpClient();
            _waiting.Add(client);
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, Port, patience.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    internal void GoLight()
    {
        foreach (var client in _waiting) client.Dispose();
        _waiting.Clear();
        _light.SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var client in _waiting) client.Dispose();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stopping.Token));
                await _light.Task.WaitAsync(_stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (client)
        {
            try
            {
                await _light.Task.WaitAsync(_stopping.Token);
                await server.ConnectAsync(_target, _stopping.Token);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                await Task.WhenAny(PassAsync(client, server, either.Token), PassAsync(server, client, either.Token));
                await either.CancelAsync();
            }
            catch (Exception gone) when (gone is SocketException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task PassAsync(Socket from, Socket to, CancellationToken ct)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (true)
            {
                var read = await from.ReceiveAsync(buffer, ct);
                await _light.Task.WaitAsync(ct);
                if (read == 0) return;
                for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), ct);
            }
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return;
        }
    }
}
