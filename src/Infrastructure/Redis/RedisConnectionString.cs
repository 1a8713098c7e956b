using System.Diagnostics.CodeAnalysis;
using StackExchange.Redis;

namespace DataPipeline.Infrastructure.Redis;

/// <summary><c>ConnectionStrings:Redis</c>.</summary>
internal static class RedisConnectionString
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(500);

    /// <param name="server">Where Redis is; and that whoever asks is told at once when it is away, and soon when it is back.</param>
    internal static bool TryRead(string text, [NotNullWhen(true)] out ConfigurationOptions? server)
    {
        try
        {
            server = ConfigurationOptions.Parse(text);
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException)
        {
            server = null;
            return false;
        }

        server.AbortOnConnectFail = false;
        server.BacklogPolicy = BacklogPolicy.FailFast;
        server.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        server.ReconnectRetryPolicy = new LinearRetry((int)ReconnectPause.TotalMilliseconds);
        server.IncludeDetailInExceptions = false;
        server.ClientName ??= "datapipeline";

        // Neither a key nor a channel but the service's own, so that its user needs rights to no other.
        server.TieBreaker = "";
        server.ConfigurationChannel = "";
        return server.EndPoints.Count > 0;
    }
}
