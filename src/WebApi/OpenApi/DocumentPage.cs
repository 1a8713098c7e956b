using System.Security.Cryptography;
using Scalar.AspNetCore;

namespace DataPipeline.WebApi.OpenApi;

/// <summary>The page that shows the document. It comes from this service alone: no fonts, no telemetry and no assistant of other hosts, and its policy allows none.</summary>
internal static class DocumentPage
{
    private const string Path = "/docs";
    private const int NonceBytes = 16;

    // All that the page names is relative to the folder it stands for: the base leads what it loads there, the address what it computes.
    private const string EnterFolder = "history.replaceState(null, '', location.pathname + '/' + location.search + location.hash);";

    /// <summary>Answers <c>/docs</c> as <c>/docs/</c>, instead of sending the caller there. Stands before routing.</summary>
    internal static void UseDocumentPage(this WebApplication app) => app.Use((http, next) =>
    {
        if (http.Request.Path == Path) (http.Request.Path, http.Items[nameof(EnterFolder)]) = ($"{Path}/", true);
        return next(http);
    });

    internal static IEndpointConventionBuilder MapDocumentPage(this WebApplication app) => app.MapScalarApiReference(Path, Configure);

    private static void Configure(ScalarOptions page, HttpContext http)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));
        page.Title = "DataPipeline";
        page.DefaultFonts = false;
        page.Telemetry = false;
        page.ShowDeveloperTools = DeveloperToolsVisibility.Never;
        page.Agent = new ScalarAgentOptions { Disabled = true };
        page.Mcp = new ScalarMcpOptions { Disabled = true };
        page.Nonce = nonce;
        if (http.Items.ContainsKey(nameof(EnterFolder))) page.AddHeadContent($"<base href=\"{Path[1..]}/\"><script nonce=\"{nonce}\">{EnterFolder}</script>");
        http.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";
    }
}
