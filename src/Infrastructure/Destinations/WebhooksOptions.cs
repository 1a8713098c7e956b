namespace DataPipeline.Infrastructure.Destinations;

/// <summary>What the <c>webhook</c> destination may do: section <c>Webhooks</c>.</summary>
public sealed class WebhooksOptions
{
    internal const string Section = "Webhooks";

    /// <summary>
    /// Whether it may call addresses that are not public: this machine, its network, the services of a cloud's inside. Default: false, since whoever may
    /// create pipelines could otherwise reach what only this service should.
    /// </summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>
    /// Whether requests carry the <c>traceparent</c> of the batch they come from, so that a receiver can go on with the trace. Default: false, since a receiver
    /// is usually somebody else's, whom it does not concern what is traced here.
    /// </summary>
    public bool SendTraceParent { get; set; }
}
