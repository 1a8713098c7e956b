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
        var keys = new Command("keys", "Make, list, replace and revoke API keys.");
        keys.Subcommands.Add(CreateCreate());
        keys.Subcommands.Add(CreateList());
        keys.Subcommands.Add(CreateRevoke());
        keys.Subcommands.Add(CreateRotate());
        return keys;
    }

    private static Command CreateCreate()
    {
        var owner = new Option<string>("--owner") { Required = true, Description = "For whom the key acts." };
        var name = new Option<string>("--name") { Required = true, Description = "What the key is for." };
        var expires = new Option<TimeSpan?>("--expires") { Description = "After what time it expires, for example 90d, 12h or 30m; never unless given.", CustomParser = ParseTime };
        var rateLimit = new Option<int?>("--rate-limit") { Description = "Requests per window; the service's default unless given." };
        var recordsLimit = new Option<int?>("--records-limit") { Description = "Records that may be submitted a minute; any number unless given." };
        var json = CommandLine.Json();
        var command = new Command("create", "Make an API key and print it, this once.") { owner, name, expires, rateLimit, recordsLimit, json };
        command.SetAction((parsed, ct) => RunAsync(
            new CreateApiKey(parsed.GetValue(owner)!, parsed.GetValue(name)!, parsed.GetValue(expires), parsed.GetValue(rateLimit), parsed.GetValue(recordsLimit)),
            async created =>
            {
                if (parsed.GetValue(json))
                {
                    await CommandLine.WriteJsonAsync(new { created.Key, details = Shown(created.Details) });
                    return;
                }

                await Console.Error.WriteLineAsync($"Key {created.Details.Prefix} for {created.Details.OwnerId}, {Expiry(created.Details)}. It is shown this once:");
                await Console.Out.WriteLineAsync(created.Key);
            },
            ct));
        return command;
    }

    private static Command CreateList()
    {
        var owner = new Option<string?>("--owner") { Description = "Only this owner's keys." };
        var json = CommandLine.Json();
        var command = new Command("list", "List API keys.") { owner, json };
        command.SetAction((parsed, ct) => RunAsync(
            new ListApiKeys(parsed.GetValue(owner)), keys => parsed.GetValue(json) ? CommandLine.WriteJsonAsync(new { items = keys.Select(Shown) }) : WriteAsync(keys), ct));
        return command;
    }

    private static Command CreateRevoke()
    {
        var prefix = new Argument<string>("prefix") { Description = "The key's first characters, as \"keys list\" shows them." };
        var json = CommandLine.Json();
        var command = new Command("revoke", "End an API key; within 5 s no service takes it any more.") { prefix, json };
        command.SetAction((parsed, ct) => RunAsync(
            new RevokeApiKey(parsed.GetValue(prefix)!),
            key => parsed.GetValue(json) ? CommandLine.WriteJsonAsync(new { details = Shown(key) }) : Console.Out.WriteLineAsync($"Key {key.Prefix} of {key.OwnerId} is revoked."),
            ct));
        return command;
    }

    private static Command CreateRotate()
    {
        var prefix = new Argument<string>("prefix") { Description = "The first characters of the key to replace, as \"keys list\" shows them." };
        var grace = new Option<TimeSpan?>("--grace") { Description = "For how long the key that is replaced goes on, for example 7d, 12h or 0m; 24h unless given.", CustomParser = ParseTime };
        var json = CommandLine.Json();
        var command = new Command("rotate", "Make an API key with the owner, name, limits and lifetime of another, which ends after a while, and print it, this once.") { prefix, grace, json };
        command.SetAction((parsed, ct) => RunAsync(
            new RotateApiKey(parsed.GetValue(prefix)!, parsed.GetValue(grace) ?? TimeSpan.FromDays(1)),
            async rotated =>
            {
                if (parsed.GetValue(json))
                {
                    await CommandLine.WriteJsonAsync(new { rotated.Key, details = Shown(rotated.Details), replaced = Shown(rotated.Replaced) });
                    return;
                }

                await Console.Error.WriteLineAsync($"Key {rotated.Replaced.Prefix} of {rotated.Replaced.OwnerId} {Expiry(rotated.Replaced)}. Its place takes {rotated.Details.Prefix}, {Expiry(rotated.Details)}. It is shown this once:");
                await Console.Out.WriteLineAsync(rotated.Key);
            },
            ct));
        return command;
    }

    /// <summary>What may be shown of a key at any time.</summary>
    private static object Shown(ApiKey key) => new { key.Prefix, owner = key.OwnerId.Value, key.Name, key.RateLimit, key.RecordsLimit, key.CreatedAt, key.ExpiresAt, key.ReplacedBy, key.RevokedAt, key.LastUsedAt };

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
            var state = key.RevokedAt is { } revoked ? $"revoked {Moment(revoked)}" : key.ReplacedBy is { } successor ? $"{Expiry(key)}, replaced by {successor}" : Expiry(key);
            await Console.Out.WriteLineAsync(string.Format(
                CultureInfo.InvariantCulture, Columns, key.Prefix, key.OwnerId, key.Name, Number(key.RateLimit) ?? "default", Number(key.RecordsLimit) ?? "none", Moment(key.CreatedAt), Moment(key.LastUsedAt), state));
        }
    }

    private static string? Number(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string Expiry(ApiKey key) => key.ExpiresAt is { } end ? $"{(end <= TimeProvider.System.GetUtcNow() ? "expired" : "expires")} {Moment(end)}" : "never expires";

    private static string Moment(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "never";

    private static TimeSpan? ParseTime(ArgumentResult argument)
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
