using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using VoiceWorker.Client;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Client;

/// <summary>A caller gets its default in time, whatever is the matter with RabbitMQ and its own program.</summary>
public sealed class WithoutBrokerTests
{
    private const string Nowhere = "amqp://guest:s3cr3t@127.0.0.1:1/";
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task The_default_comes_in_time_while_nobody_listens()
    {
        await using var client = Connect(Nowhere);
        var begin = Stopwatch.GetTimestamp();

        var voice = await client.VoiceForAsync(42, "CA-1", cancellationToken: Token);

        Assert.InRange(Stopwatch.GetElapsedTime(begin), Patience, Patience + Waits.Prompt);
        Assert.Equal(new Voice("sage", VoiceSource.Default, Voice.Timeout, 42, "CA-1"), voice);
        Assert.False(voice.IsAnswer);
        Assert.False(await client.ConnectAsync(Patience, Token));
        Assert.Equal("cedar", (await client.VoiceForAsync(42, "CA-1", defaultVoice: "cedar", cancellationToken: Token)).VoiceId);
        Assert.Equal(new VoiceCounts(0, 2, 0), client.Counts);
    }

    [Fact]
    public async Task The_default_comes_in_time_while_a_node_accepts_and_says_nothing()
    {
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start();
        await using var client = Connect($"amqp://127.0.0.1:{((IPEndPoint)deaf.LocalEndpoint).Port}");
        var begin = Stopwatch.GetTimestamp();

        Assert.Equal(Voice.Timeout, (await client.VoiceForAsync(42, "CA-1", cancellationToken: Token)).Reason);

        Assert.InRange(Stopwatch.GetElapsedTime(begin), Patience, Patience + Waits.Prompt);
    }

    [Fact]
    public async Task A_change_has_the_instant_that_is_sent()
    {
        await using var client = Connect(Nowhere);
        var given = new DateTimeOffset(2026, 1, 31, 9, 30, 0, TimeSpan.Zero).AddTicks(12_345_678);

        var error = await Assert.ThrowsAsync<NotConfirmedException>(
            () => client.ChangeVoiceAsync(42, "sage", timeout: Patience, changedAt: given, cancellationToken: Token));

        Assert.Equal(given.AddTicks(-8), error.ChangedAt);
    }

    [Fact]
    public async Task A_log_that_fails_does_not_keep_it_from_trying_again()
    {
        using var rude = new TcpListener(IPAddress.Loopback, 0);
        rude.Start();
        var options = new VoiceClientOptions { Uris = [$"amqp://127.0.0.1:{((IPEndPoint)rude.LocalEndpoint).Port}"] };
        await using var client = new VoiceClient(options, new FailingLog());

        Assert.Equal(Voice.Timeout, (await client.VoiceForAsync(42, "CA-1", Patience, cancellationToken: Token)).Reason);

        for (var attempt = 0; attempt < 3; attempt++)
            (await rude.AcceptSocketAsync(Token)).Dispose();
    }

    private sealed class FailingLog : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => throw new InvalidOperationException("the disk is full");

        public void Dispose()
        {
        }
    }

    // As programs that are not asynchronous do it. The pool adds a thread or two a second.
    [Fact]
    public async Task The_default_comes_in_time_while_all_threads_of_the_pool_block()
    {
        await using var client = Connect(Nowhere);
        ThreadPool.GetMinThreads(out var threads, out _);
        var longest = await Task.WhenAll(Enumerable.Range(0, threads * 10).Select(n => Task.Run(() =>
        {
            var begin = Stopwatch.GetTimestamp();
#pragma warning disable xUnit1031 // It is what this test is about.
            client.VoiceForAsync(42, $"CA-{n}").GetAwaiter().GetResult();
#pragma warning restore xUnit1031
            return Stopwatch.GetElapsedTime(begin);
        })));

        Assert.InRange(longest.Max(), Patience, Patience + TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public async Task A_broken_argument_is_an_error_before_anything_is_sent()
    {
        await using var client = Connect(Nowhere);

        var call = await Assert.ThrowsAsync<ContractException>(() => client.VoiceForAsync(0, " CA-1", cancellationToken: Token));
        var change = await Assert.ThrowsAsync<ContractException>(
            () => client.ChangeVoiceAsync(42, new string('x', 33), new string('y', 129), cancellationToken: Token));

        Assert.Equal(["callId", "businessId"], call.Broken.Select(one => one.Field));
        Assert.Equal(["voiceId", "changedBy"], change.Broken.Select(one => one.Field));
        Assert.Equal(RefusalError.InvalidMessage, change.Error);
        Assert.Equal(new VoiceCounts(0, 0, 0), client.Counts);
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("http://user:s3cr3t@host")]
    [InlineData("amqp://user:s3cr3t@")]
    [InlineData("amqp://user:s3cr3t@host/a/b")]
    public void A_wrong_uri_is_an_error_without_the_password(params string[] uris)
    {
        var wrong = Assert.Throws<ArgumentException>(() => new VoiceClient(new VoiceClientOptions { Uris = uris }));

        Assert.DoesNotContain("s3cr3t", wrong.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_is_not_confirmed_is_an_error_that_says_why_without_the_password()
    {
        await using var client = Connect(Nowhere);
        var changedAt = new DateTimeOffset(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

        var unsure = await Assert.ThrowsAsync<NotConfirmedException>(() => client.ChangeVoiceAsync(
            42, "sage", timeout: Patience * 5, changedAt: changedAt, cancellationToken: Token));

        Assert.Equal(changedAt, unsure.ChangedAt);
        Assert.Contains("refused", unsure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", unsure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_waits_while_the_client_is_closed_gets_the_default()
    {
        var client = Connect(Nowhere);
        var call = client.VoiceForAsync(42, "CA-1", Waits.Longest, cancellationToken: Token);
        var change = client.ChangeVoiceAsync(42, "sage", timeout: Waits.Longest, cancellationToken: Token);

        await client.DisposeAsync();

        Assert.Equal(Voice.Timeout, (await call).Reason);
        await Assert.ThrowsAsync<NotConfirmedException>(() => change);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.VoiceForAsync(42, "CA-1", cancellationToken: Token));
    }

    private static VoiceClient Connect(string uri) =>
        new(new VoiceClientOptions { Uris = [uri], Timeout = Patience, DefaultVoice = "sage" });

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
