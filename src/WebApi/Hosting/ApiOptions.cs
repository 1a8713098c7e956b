using System.ComponentModel.DataAnnotations;

namespace DataPipeline.WebApi.Hosting;

/// <summary>Section <c>Api</c>.</summary>
internal sealed class ApiOptions
{
    internal const string Section = "Api";

    /// <summary>Whether this process answers under <c>/api/v1</c>; one that does not only works. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>For how many seconds, 0 to 20, a stopping service says that it is not ready and goes on answering, so that a load balancer can turn away. Default: 1.</summary>
    [Range(0, 20)]
    public int DrainSeconds { get; set; } = 1;
}
