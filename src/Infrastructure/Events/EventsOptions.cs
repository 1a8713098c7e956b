using System.ComponentModel.DataAnnotations;

namespace DataPipeline.Infrastructure.Events;

/// <summary>Streams of server-sent events: section <c>Events</c> of the configuration.</summary>
public sealed class EventsOptions
{
    internal const string Section = "Events";

    /// <summary>How many streams a process has open at most, 1 to 100,000; default 5,000. One more is refused.</summary>
    [Range(1, 100_000)]
    public int MaxStreams { get; set; } = 5_000;

    /// <summary>How many of these one owner may have, 1 to 100,000; default 1,000. One more is refused.</summary>
    [Range(1, 100_000)]
    public int MaxStreamsPerOwner { get; set; } = 1_000;

    /// <summary>After how many seconds without an event a stream says that it is alive, so that nothing on the way takes it for dead. 1 to 300; default 15.</summary>
    [Range(1, 300)]
    public int KeepAliveSeconds { get; set; } = 15;

    internal TimeSpan KeepAlive => TimeSpan.FromSeconds(KeepAliveSeconds);
}
