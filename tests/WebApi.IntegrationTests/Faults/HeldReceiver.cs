using System.Net;
using System.Net.Sockets;
using DataPipeline.WebApi.IntegrationTests.Persistence;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

/// <summary>A receiver of webhooks that takes connections and answers nothing.</summary>
internal sealed class HeldReceiver : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _held = [];

    internal HeldReceiver()
    {
        _listener.Start();
        _ = HoldAsync();
    }

    internal string Url => $"http://{_listener.LocalEndpoint}/";

    /// <summary>Waits for so many calls in all.</summary>
    internal Task CalledAsync(int times) => Eventually.TrueAsync(() => Task.FromResult(Calls >= times), $"the receiver is called {times} times");

    public void Dispose()
    {
        _listener.Dispose();
        lock (_held) _held.ForEach(call => call.Dispose());
    }

    private int Calls
    {
        get
        {
            lock (_held) return _held.Count;
        }
    }

    private async Task HoldAsync()
    {
        try
        {
            while (true)
            {
                var call = await _listener.AcceptSocketAsync();
                lock (_held) _held.Add(call);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            return;
        }
    }
}
