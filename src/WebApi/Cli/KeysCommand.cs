using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using DataPipeline.Application.ApiKeys;
using DataPipeline.Domain.ApiKeys;
using DataPipeline.Domain.Common;
using MediatR;

namespace DataPipeline.WebApi.Cli;

internal static class KeysCommand
{
    internal static Command Create()
    {
        var keys = new Command("keys", "Make, list and revoke API keys.");
        keys.Subcommands.Add(CreateCreate());
        keys.Subcommands.Add(CreateList());
        keys.Subcommands.Add(CreateRevoke());
        return keys;
    }

    private static Command CreateCreate()
    {
        var owner = new Option<string>("--owner") { Required = true, Description = "For whom the key acts." };
        var name = new Option<string>("--name") { Required = true, Description = "What the key is for." };
        var expires = new Option<TimeSpan?>("--expires") { Description = "After what time it expires, for example 90d, 12h or 30m; never unless given.", CustomParser = ParseLifetime };
        var rateLimit = new Option<int?>("--rate-limit") { Description = "Requests per window; the service's default unless given." };
        var recordsLimit = new Option<int?>("--records-limit") { Description = "Records that may be submitted a minute; any number unless given." };
        var command = new Command("create", "Make an API key and print it, this once.") { owner, name, expires, rateLimit, recordsLimit };
        command.SetAction((parsed, ct) => RunAsync(
            new CreateApiKey(parsed.GetValue(owner)!, parsed.GetValue(name)!, parsed.GetValue(expires), parsed.GetValue(rateLimit), parsed.GetValue(recordsLimit)),
            async created =>
            {
                await Console.Error.WriteLineAsync($"Key {created.Details.Prefix} for {created.Details.OwnerId}, {Expiry(created.Details)}. It is shown this once:");
                await Console.Out.WriteLineAsync(created.Key);
            },
            ct));
        return command;
    }

    private static Command CreateList()
    {
        var owner = new Option<string?>("--owner") { Description = "Only this owner's keys." };
        var command = new Command("list", "List API keys.") { owner };
        command.SetAction((parsed, ct) => RunAsync(new ListApiKeys(parsed.GetValue(owner)), WriteAsync, ct));
        return command;
    }

    private static Command CreateRevoke()
    {
        var prefix = new Argument<string>("prefix") { Description = "The key's first characters, as \"keys list\" shows them." };
        var command = new Command("revoke", "End an API key; within 5 s no service takes it any more.") { prefix };
        command.SetAction((parsed, ct) => RunAsync(new RevokeApiKey(parsed.GetValue(prefix)!), key => Console.Out.WriteLineAsync($"Key {key.Prefix} of {key.OwnerId} is revoked."), ct));
        return command;
    }

    private static Task<int> RunAsync<T>(IRequest<Result<T>> request, Func<T, Task> write, CancellationToken cancellation) => CommandLine.WithServicesAsync(
        async (services, ct) =>
        {
            var outcome = await services.GetRequiredService<IMediator>().Send(request, ct);
            if (outcome.IsSuccess) await write(outcome.Value);
            else await Console.Error.WriteLineAsync(outcome.Error.Details.Count == 0 ? outcome.Error.Message : string.Join(Environment.NewLine, outcome.Error.Details.Select(detail => detail.Message)));
            return outcome.IsSuccess ? 0 : 1;
        },
        cancellation);

    private static async Task WriteAsync(IReadOnlyList<ApiKey> keys)
    {
        const string Columns = "{0,-8}  {1,-20}  {2,-20}  {3,-10}  {4,-13}  {5,-20}  {6,-20}  {7}";
        await Console.Out.WriteLineAsync(string.Format(CultureInfo.InvariantCulture, Columns, "PREFIX", "OWNER", "NAME", "RATE LIMIT", "RECORDS LIMIT", "CREATED", "LAST USED", "STATE"));
        foreach (var key in keys)
        {
            var state = key.RevokedAt is { } revoked ? $"revoked {Moment(revoked)}" : Expiry(key);
            await Console.Out.WriteLineAsync(string.Format(
                CultureInfo.InvariantCulture, Columns, key.Prefix, key.OwnerId, key.Name, Number(key.RateLimit) ?? "default", Number(key.RecordsLimit) ?? "none", Moment(key.CreatedAt), Moment(key.LastUsedAt), state));
        }
    }

    private static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string Expiry(ApiKey key) => key.ExpiresAt is { } expires ? $"expires {Moment(expires)}" : "never expires";

    private static string Moment(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "never";

    private static TimeSpan? ParseLifetime(ArgumentResult argument)
    {
        var text = argument.Tokens[0].Value;
        if (text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            switch (text[^1])
            {
                case 'd': return TimeSpan.FromDays(Math.Min(count, 1_000_000));
                case 'h': return TimeSpan.FromHours(Math.Min(count, 1_000_000));
                case 'm': return TimeSpan.FromMinutes(count);
                default: break;
            }
        }

        argument.AddError($"\"{text}\" is no time; give days, hours or minutes, for example 90d, 12h or 30m.");
        return null;
    }
}
