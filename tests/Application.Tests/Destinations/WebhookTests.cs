using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Destinations;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace DataPipeline.Application.Tests.Destinations;

public sealed class WebhookTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static readonly Guid Batch = Guid.Parse("0197a000-0000-7000-8000-000000000001");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_ArePostedAsAnArray()
    {
        await using var receiver = await Receiver.AnsweringAsync(200);

        await DeliverAsync(receiver, new() { Url = $"{receiver.Url}hook?a=b" }, 3);

        var request = Assert.Single(receiver.Requests);
        Assert.Equal("""[{"n":0},{"n":1},{"n":2}]""", Encoding.UTF8.GetString(request.Body));
        Assert.Equal(("/hook", "application/json"), (request.Path, request.Headers["Content-Type"]));
        Assert.Equal(request.Body.Length.ToString(CultureInfo.InvariantCulture), request.Headers["Content-Length"]);
        Assert.False(request.Headers.ContainsKey("webhook-signature"));
        Assert.False(request.Headers.ContainsKey("traceparent"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheTrace_IsToldTheReceiverOnlyWhereThatIsWanted(bool isWanted)
    {
        await using var receiver = await Receiver.AnsweringAsync(200);
        using var work = new Activity("work").Start();

        await DeliverAsync(receiver, new() { Url = receiver.Url.ToString() }, 1, new WebhooksOptions { AllowPrivateAddresses = true, SendTraceParent = isWanted });

        var headers = Assert.Single(receiver.Requests).Headers;
        Assert.Equal(isWanted ? work.TraceId.ToHexString() : null, headers.TryGetValue("traceparent", out var sent) ? sent.Split('-')[1] : null);
        Assert.False(headers.ContainsKey("tracestate") || headers.ContainsKey("baggage"));
    }

    [Fact]
    public async Task ATraceThatTheConfigurationSends_IsLeftAlone()
    {
        await using var receiver = await Receiver.AnsweringAsync(200);
        using var work = new Activity("work").Start();

        await DeliverAsync(
            receiver, new() { Url = receiver.Url.ToString(), Headers = new Dictionary<string, string> { ["traceparent"] = "mine" } }, 1, new WebhooksOptions { AllowPrivateAddresses = true, SendTraceParent = true });

        Assert.Equal("mine", Assert.Single(receiver.Requests).Headers["traceparent"]);
    }

    [Fact]
    public async Task AChunkWithoutRecords_IsNotPosted()
    {
        await using var receiver = await Receiver.AnsweringAsync(200);
        await DeliverAsync(receiver, new() { Url = receiver.Url.ToString() }, 0);
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task MoreRecordsThanARequestTakes_AreSplit_EachPartUnderAKeyOfItsOwn()
    {
        await using var receiver = await Receiver.AnsweringAsync(200);

        await DeliverAsync(receiver, new() { Url = receiver.Url.ToString(), MaxRecordsPerRequest = 2 }, 5);

        Assert.Equal(["""[{"n":0},{"n":1}]""", """[{"n":2},{"n":3}]""", """[{"n":4}]"""], receiver.Requests.Select(request => Encoding.UTF8.GetString(request.Body)));
        Assert.Equal([$"{Batch}-100-101-2", $"{Batch}-102-103-2", $"{Batch}-104-104-1"], receiver.Requests.Select(request => request.Headers["Idempotency-Key"]));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    public async Task WhatMayPass_IsTriedAgain_UnderTheSameKey(int status)
    {
        await using var receiver = await Receiver.AnsweringAsync(status, status, 202);

        await DeliverAsync(receiver, new() { Url = receiver.Url.ToString() }, 1);

        Assert.Equal(3, receiver.Requests.Count);
        Assert.Single(receiver.Requests.Select(request => request.Headers["Idempotency-Key"]).Distinct());
        Assert.Single(receiver.Requests.Select(request => request.Headers["webhook-id"]).Distinct());
    }

    [Theory]
    [InlineData(1, "once")]
    [InlineData(3, "3 times")]
    public async Task AReceiverThatAlwaysFails_IsTriedAsOftenAsIsSaid_AndThenForGood(int attempts, string told)
    {
        await using var receiver = await Receiver.AnsweringAsync(500);

        var refused = await RefusedAsync(receiver, new() { Url = receiver.Url.ToString(), MaxAttempts = attempts });

        Assert.Equal(attempts, receiver.Requests.Count);
        Assert.Equal($"The webhook's receiver answered 500. It was tried {told}.", refused.Message);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(422)]
    public async Task ARefusalThatWillNotChange_IsTheLast(int status)
    {
        await using var receiver = await Receiver.AnsweringAsync(status);
        await RefusedAsync(receiver, new() { Url = receiver.Url.ToString() });
        Assert.Single(receiver.Requests);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task ARedirect_IsNotFollowed(int status)
    {
        await using var receiver = await Receiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        });

        await RefusedAsync(receiver, new() { Url = $"{receiver.Url}here" });

        Assert.Equal("/here", Assert.Single(receiver.Requests).Path);
    }

    [Fact]
    public async Task AReceiverThatHangs_CostsTheTimeout_AndIsTriedAgain()
    {
        await using var receiver = await Receiver.StartAsync((context, number) => number == 1 ? Task.Delay(Timeout.Infinite, context.RequestAborted) : Task.CompletedTask);
        var watch = Stopwatch.StartNew();

        await DeliverAsync(receiver, new() { Url = receiver.Url.ToString(), TimeoutMs = 200 }, 1);

        Assert.Equal(2, receiver.Requests.Count);
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(190), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task AReceiverThatHangsAlways_IsSaidToDoSo()
    {
        await using var receiver = await Receiver.StartAsync((context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var refused = await RefusedAsync(receiver, new() { Url = receiver.Url.ToString(), TimeoutMs = 100, MaxAttempts = 2 });
        Assert.Equal("The webhook's receiver did not answer within 100 ms. It was tried 2 times.", refused.Message);
    }

    [Fact]
    public async Task AConnectionThatIsReset_IsTriedAgain()
    {
        await using var receiver = await Receiver.StartAsync((context, number) =>
        {
            if (number < 3) context.Abort();
            return Task.CompletedTask;
        });

        await DeliverAsync(receiver, new() { Url = receiver.Url.ToString() }, 1);

        Assert.Equal(3, receiver.Requests.Count);
    }

    [Fact]
    public async Task NobodyThere_IsSaidWithoutInternals()
    {
        var receiver = await Receiver.AnsweringAsync(200);
        await receiver.DisposeAsync();

        var refused = await RefusedAsync(receiver, new() { Url = receiver.Url.ToString(), MaxAttempts = 2 });

        Assert.Equal("The webhook's receiver could not be reached (ConnectionError). It was tried 2 times.", refused.Message);
    }

    [Fact]
    public async Task AnAnswerWithoutEnd_IsReadToItsStatusAlone()
    {
        var gone = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync(async (context, _) =>
        {
            using var registration = context.RequestAborted.Register(() => gone.TrySetResult());
            try
            {
                while (true) await context.Response.Body.WriteAsync(new byte[4096], context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                gone.TrySetResult();
            }
        });

        await DeliverAsync(receiver, new() { Url = receiver.Url.ToString() }, 1).WaitAsync(TimeSpan.FromSeconds(10), Stop);

        Assert.Single(receiver.Requests);
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
    }

    [Fact]
    public async Task AnAnswerThatTrickles_DoesNotHoldTheDelivery()
    {
        await using var receiver = await Receiver.StartAsync(async (context, _) =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync("x", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(50, context.RequestAborted);
            }
        });

        await DeliverAsync(receiver, new() { Url = receiver.Url.ToString() }, 1).WaitAsync(TimeSpan.FromSeconds(10), Stop);

        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task RetryAfter_IsHonoured()
    {
        await using var receiver = await Receiver.StartAsync((context, number) =>
        {
            context.Response.StatusCode = number == 1 ? 429 : 200;
            if (number == 1) context.Response.Headers.RetryAfter = "1";
            return Task.CompletedTask;
        });
        var watch = Stopwatch.StartNew();

        await DeliverAsync(receiver, new() { Url = receiver.Url.ToString() }, 1);

        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(950), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task RetryAfter_IsBounded()
    {
        await using var receiver = await Receiver.StartAsync((context, number) =>
        {
            context.Response.StatusCode = number == 1 ? 503 : 200;
            if (number == 1) context.Response.Headers.RetryAfter = "86400";
            return Task.CompletedTask;
        });
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var sender = Sender(clock: clock);

        var delivering = new WebhookDestination(new() { Url = receiver.Url.ToString(), TimeoutMs = 120_000 }, sender).DeliverAsync(Chunk(1), Stop).AsTask();
        var seconds = 0;
        for (; !delivering.IsCompleted && seconds < 600; seconds++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(delivering, Task.Delay(10, Stop));
        }

        await delivering;
        Assert.InRange(seconds, 60, 120);
    }

    [Fact]
    public async Task Cancellation_EndsTheDelivery()
    {
        await using var receiver = await Receiver.StartAsync((context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var sender = Sender();
        using var cancelled = new CancellationTokenSource();
        var delivering = new WebhookDestination(new() { Url = receiver.Url.ToString() }, sender).DeliverAsync(Chunk(1), cancelled.Token).AsTask();

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delivering.WaitAsync(TimeSpan.FromSeconds(5), Stop));
    }

    [Fact]
    public async Task Headers_GoWithTheRequest()
    {
        await using var receiver = await Receiver.AnsweringAsync(200);
        var headers = new Dictionary<string, string> { ["Authorization"] = "Bearer t0k", ["X-Custom"] = "a, b", ["User-Agent"] = "mine", ["Allow"] = "POST" };

        await DeliverAsync(receiver, new() { Url = receiver.Url.ToString(), Headers = headers }, 1);

        var request = Assert.Single(receiver.Requests);
        Assert.All(headers, header => Assert.Equal(header.Value, request.Headers[header.Key]));
    }

    [Theory]
    [InlineData(Secret)]
    [InlineData("just a text, ünï")]
    public async Task Signature_IsThatOfStandardWebhooks(string secret)
    {
        await using var receiver = await Receiver.AnsweringAsync(500, 200);

        await DeliverAsync(receiver, new() { Url = receiver.Url.ToString(), Secret = secret }, 2);

        Assert.Equal(2, receiver.Requests.Count);
        Assert.All(receiver.Requests, request => AssertSigned(request, secret));
    }

    [Fact]
    public async Task Signature_IsAcceptedByALibraryOfReceivers()
    {
        await using var receiver = await Receiver.AnsweringAsync(200);

        await DeliverAsync(receiver, new() { Url = receiver.Url.ToString(), Secret = Secret }, 2);

        var request = Assert.Single(receiver.Requests);
        var (library, body) = (new StandardWebhooks.StandardWebhook(Secret), Encoding.UTF8.GetString(request.Body));
        var headers = new HeaderDictionary(request.Headers.ToDictionary(header => header.Key, header => new StringValues(header.Value)));
        library.Verify(body, headers);
        Assert.Throws<StandardWebhooks.Diagnostics.WebhookVerificationException>(() => library.Verify(body + " ", headers));
    }

    [Fact]
    public void Signature_OfTheSpecificationsExample_IsTheSpecifications() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSignature.Of(Secret)!.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"u8));

    [Theory]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("http://127.1:1/")]
    [InlineData("http://2130706433:1/")]
    [InlineData("http://0x7f000001:1/")]
    [InlineData("http://0x7f.0.0.1:1/")]
    [InlineData("http://0177.0.0.1:1/")]
    [InlineData("http://017700000001:1/")]
    [InlineData("http://１２７.０.０.１:1/")]
    [InlineData("http://①②⑦.⓪.⓪.①:1/")]
    [InlineData("http://localhost:1/")]
    [InlineData("http://0.0.0.0:1/")]
    [InlineData("http://0:1/")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://[::1]:1/")]
    [InlineData("http://[::]:1/")]
    [InlineData("http://[::ffff:127.0.0.1]:1/")]
    [InlineData("http://[::ffff:7f00:1]:1/")]
    [InlineData("http://[::127.0.0.1]:1/")]
    [InlineData("http://[64:ff9b::7f00:1]:1/")]
    [InlineData("http://[2002:7f00:1::]:1/")]
    [InlineData("http://[fe80::1%25lo]:1/")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("https://10.1.2.3/")]
    public async Task AnAddressThatIsNotPublic_IsNotCalled_HoweverItIsSpelled(string url)
    {
        var options = new WebhookOptions { Url = url, MaxAttempts = 1, TimeoutMs = 5_000 };
        Assert.Empty(options.Validate());
        using var sender = new WebhookSender(Options.Create(new WebhooksOptions()), TimeProvider.System);

        var refused = await Assert.ThrowsAsync<DeliveryException>(() => new WebhookDestination(options, sender).DeliverAsync(Chunk(1), Stop).AsTask());

        Assert.True(refused.IsPermanent);
        Assert.Contains("no public address", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ANameThatMeansAnotherAddressAtEachLook_IsLookedUpOnceForACall_AndItsAnswerCalled()
    {
        await using var receiver = await Receiver.AnsweringAsync(200);
        var looks = 0;
        using var sender = new WebhookSender(Options.Create(new WebhooksOptions()), TimeProvider.System, (_, _) => Task.FromResult(new[] { looks++ == 0 ? IPAddress.Parse("10.0.0.1") : IPAddress.Loopback }))
        {
            Delay = _ => TimeSpan.Zero,
        };

        await Assert.ThrowsAsync<DeliveryException>(() => new WebhookDestination(new() { Url = $"http://rebinding.test:{receiver.Url.Port}/" }, sender).DeliverAsync(Chunk(1), Stop).AsTask());

        Assert.Equal(1, looks);
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task OfSeveralAddresses_OnlyThePublicOnesAreCalled()
    {
        await using var receiver = await Receiver.AnsweringAsync(200);
        using var sender = new WebhookSender(
            Options.Create(new WebhooksOptions()), TimeProvider.System, (_, _) => Task.FromResult(new[] { IPAddress.Loopback, IPAddress.IPv6Loopback, IPAddress.Parse("240.0.0.1") }));

        await Assert.ThrowsAsync<DeliveryException>(() => new WebhookDestination(new() { Url = $"http://mixed.test:{receiver.Url.Port}/" }, sender).DeliverAsync(Chunk(1), Stop).AsTask());

        Assert.Empty(receiver.Requests);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("1.1.1.1", true)]
    [InlineData("172.15.255.255", true)]
    [InlineData("172.32.0.0", true)]
    [InlineData("100.63.255.255", true)]
    [InlineData("100.128.0.0", true)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("2001:4860:4860::8888", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("0.1.2.3", false)]
    [InlineData("10.255.255.255", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("100.127.255.255", false)]
    [InlineData("127.255.255.254", false)]
    [InlineData("169.254.0.1", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.0.0.8", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("192.88.99.1", false)]
    [InlineData("192.168.0.1", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("198.19.255.255", false)]
    [InlineData("198.51.100.1", false)]
    [InlineData("203.0.113.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("239.255.255.255", false)]
    [InlineData("240.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", false)]
    [InlineData("::ffff:192.168.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("64:ff9b:1::a00:1", false)]
    [InlineData("100::1", false)]
    [InlineData("2001::1", false)]
    [InlineData("2001:10::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("3fff::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fdff::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    public void AnAddress_IsPublicOrNot(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("""{}""", "url", "REQUIRED")]
    [InlineData("""{"url":"ftp://example.com/"}""", "url", "INVALID_VALUE")]
    [InlineData("""{"url":"/relative"}""", "url", "INVALID_VALUE")]
    [InlineData("""{"url":"file:///etc/passwd"}""", "url", "INVALID_VALUE")]
    [InlineData("""{"url":"http://user:pass@example.com/"}""", "url", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com/a b"}""", "url", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com/{{id}}"}""", "url", "TEMPLATE_NOT_ALLOWED")]
    [InlineData("""{"url":"http://example.com","secret":"whsec_%%%"}""", "secret", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","secret":"whsec_"}""", "secret", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","secret":""}""", "secret", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","timeoutMs":0}""", "timeoutMs", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","maxAttempts":0}""", "maxAttempts", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","maxRecordsPerRequest":0}""", "maxRecordsPerRequest", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","headers":{"Host":"x"}}""", "headers.Host", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","headers":{"content-length":"1"}}""", "headers.content-length", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","headers":{"Transfer-Encoding":"chunked"}}""", "headers.Transfer-Encoding", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","headers":{"Proxy-Authorization":"x"}}""", "headers.Proxy-Authorization", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","headers":{"Idempotency-Key":"x"}}""", "headers.Idempotency-Key", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","headers":{"Webhook-Signature":"x"}}""", "headers.Webhook-Signature", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","headers":{"A":"x\r\nHost: y"}}""", "headers.A", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","headers":{"A":"ü"}}""", "headers.A", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","headers":{"A B":"x"}}""", "headers.A B", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","headers":{"":"x"}}""", "headers.", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","headers":{"a":"x","A":"y"}}""", "headers.A", "INVALID_VALUE")]
    [InlineData("""{"url":"http://example.com","headers":{"A":1}}""", "headers.A", "INVALID_TYPE")]
    public void WhatCannotWork_IsRefusedAtCreation(string options, string option, string code)
    {
        var fault = Assert.Single(DestinationConfig.FaultsOf("webhook", options));
        Assert.Equal(($"config.destination.options.{option}", code), (fault.Field, fault.Code));
    }

    [Theory]
    [InlineData(2_000, 50, 8_000, null)]
    [InlineData(2_001, 50, 8_000, "config.destination.options.url INVALID_VALUE")]
    [InlineData(2_000, 51, 8_000, "config.destination.options.headers TOO_MANY")]
    [InlineData(2_000, 50, 8_001, "config.destination.options.headers.H0 INVALID_VALUE")]
    public void WhatIsLargerThanItMayBe_IsRefusedAtCreation(int urlLength, int headers, int valueLength, string? fault)
    {
        var all = Enumerable.Range(0, headers).ToDictionary(i => $"H{i}", i => new string('x', i == 0 ? valueLength : 1));
        var options = JsonSerializer.Serialize(new { url = "https://example.com/".PadRight(urlLength, 'x'), headers = all });

        Assert.Equal(fault, DestinationConfig.FaultsOf("webhook", options).Select(found => $"{found.Field} {found.Code}").SingleOrDefault());
    }

    private static DeliveryChunk Chunk(int records) => new(
        Guid.Empty, "orders", Batch, 100, 1, [.. Enumerable.Range(0, records).Select(i => new DeliveryRecord(100 + i, Encoding.UTF8.GetBytes($$"""{"n":{{i}}}""")))]);

    private static WebhookSender Sender(TimeProvider? clock = null, WebhooksOptions? settings = null) =>
        new(Options.Create(settings ?? new WebhooksOptions { AllowPrivateAddresses = true }), clock ?? TimeProvider.System) { Delay = _ => TimeSpan.FromMilliseconds(1) };

    private static async Task DeliverAsync(Receiver receiver, WebhookOptions options, int records, WebhooksOptions? settings = null)
    {
        Assert.Empty(options.Validate());
        using var sender = Sender(settings: settings);
        await new WebhookDestination(options, sender).DeliverAsync(Chunk(records), Stop);
        Assert.All(receiver.Requests, request => Assert.InRange(
            long.Parse(request.Headers["webhook-timestamp"], CultureInfo.InvariantCulture), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 60, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
    }

    private static async Task<DeliveryException> RefusedAsync(Receiver receiver, WebhookOptions options)
    {
        var refused = await Assert.ThrowsAsync<DeliveryException>(() => DeliverAsync(receiver, options, 1));
        Assert.True(refused.IsPermanent);
        return refused;
    }

    /// <summary>As the specification tells a receiver to do it, from nothing but what arrived and the secret.</summary>
    private static void AssertSigned(Received request, string secret)
    {
        var key = secret.StartsWith("whsec_", StringComparison.Ordinal) ? Convert.FromBase64String(secret[6..]) : Encoding.UTF8.GetBytes(secret);
        var content = $"{request.Headers["webhook-id"]}.{request.Headers["webhook-timestamp"]}.{Encoding.UTF8.GetString(request.Body)}";
        var expected = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(content));
        Assert.Contains(request.Headers["webhook-signature"].Split(' '), signature => signature.Split(',') is ["v1", var hash] && CryptographicOperations.FixedTimeEquals(expected, Convert.FromBase64String(hash)));
    }
}
