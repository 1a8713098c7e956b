namespace DataPipeline.Application.Processing;

/// <summary>A token for code of others: what that code does when the token is set, it does to itself and not to whoever sets it.</summary>
internal sealed class DetachedCancellation : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenRegistration _registration;

    /// <param name="outer">Sets the token, too.</param>
    internal DetachedCancellation(CancellationToken outer) => _registration = outer.UnsafeRegister(static self => ((DetachedCancellation)self!).Cancel(), this);

    internal CancellationToken Token => _source.Token;

    internal void Cancel() => _ = _source.CancelAsync();

    /// <summary>The token stays usable, for those who still have it.</summary>
    public void Dispose() => _registration.Dispose();
}
