using Microsoft.Extensions.Logging;
using VoiceWorker.Client.Connecting;
using VoiceWorker.Client.Requests;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Client;

/// <summary>The client over RabbitMQ. With a service collection, <c>AddVoiceWorkerClient</c> makes it.</summary>
public sealed class VoiceClient : IVoiceClient, IDisposable
{
    /// <summary>The name of its meter: counters of the calls answered and defaulted and of late replies, and a
    /// histogram of their durations.</summary>
    public const string MeterName = "VoiceWorker.Client";

    // What a timer can wait for.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue - 1);

    private readonly VoiceClientOptions _options;
    private readonly ILogger _logger;
    private readonly CallMeter _meter;
    private readonly Lazy<Link> _link;
    private bool _isDisposed;

    /// <summary>Connects at its first use, or at <see cref="ConnectAsync"/>.</summary>
    /// <param name="options">Where RabbitMQ is, and how long to wait.</param>
    /// <param name="loggerFactory">Where it logs: the category is <c>VoiceWorker.Client</c>.</param>
    /// <exception cref="ArgumentException">A URI is wrong, or a timeout is not above zero.</exception>
    public VoiceClient(VoiceClientOptions options, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.DefaultVoice);
        Check(options.Timeout);
        Check(options.ChangeTimeout);
        var nodes = Node.Of(options.Uris, options.ConfigureConnection);
        _options = options;
        _logger = CarefulLogger.Of(loggerFactory, "VoiceWorker.Client");
        _meter = new CallMeter(_logger);
        _link = new Lazy<Link>(() =>
        {
            var link = new Link(nodes, _meter.CountLate, _logger);
            Rehearsal.Run();
            return link;
        });
    }

    /// <inheritdoc />
    public VoiceCounts Counts => _meter.Counts;

    /// <inheritdoc />
    public async Task<bool> ConnectAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var connected = Open().Connected;
        await connected.WaitAsync(Check(timeout ?? _options.ChangeTimeout), cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return connected.IsCompleted;
    }

    /// <inheritdoc />
    public Task<Voice> VoiceForAsync(
        int businessId, string callId, TimeSpan? timeout = null, string? defaultVoice = null,
        DateTimeOffset? startedAt = null, CancellationToken cancellationToken = default)
    {
        // Of a budget that is used up nothing is left: the call gets its default at once.
        var patience = timeout <= TimeSpan.Zero ? TimeSpan.Zero : Check(timeout ?? _options.Timeout);
        var call = new CallStarted(callId, businessId, AsSent(startedAt));
        if (ContractException.Of(ContractRules.Check(call)) is { } broken)
            return Task.FromException<Voice>(broken);
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<Voice>(cancellationToken);
        var voice = string.IsNullOrEmpty(defaultVoice) ? _options.DefaultVoice : defaultVoice;
        var request = new CallRequest(call, patience, voice, _meter, _logger);
        if (patience == TimeSpan.Zero)
            request.Expire("");
        else
            Open().Submit(request, cancellationToken);
        return request.Result;
    }

    /// <inheritdoc />
    public Task<VoiceChange> ChangeVoiceAsync(
        int businessId, string voiceId, string? changedBy = null, TimeSpan? timeout = null,
        DateTimeOffset? changedAt = null, CancellationToken cancellationToken = default)
    {
        var change = new BusinessVoiceChanged(businessId, voiceId, AsSent(changedAt), changedBy);
        return SendAsync(change, timeout, needsReply: true, cancellationToken);
    }

    /// <inheritdoc />
    public Task PublishAsync(
        BusinessVoiceChanged change, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        return SendAsync(change, timeout, needsReply: false, cancellationToken);
    }

    /// <summary>Ends its connection. Who still waits for a voice gets the default.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        if (_link.IsValueCreated)
            await _link.Value.DisposeAsync().ConfigureAwait(false);
        _meter.Dispose();
    }

    /// <summary>The same, without waiting for the end of the connection.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        if (_link.IsValueCreated)
            _link.Value.Stop();
        _meter.Dispose();
    }

    private Task<VoiceChange> SendAsync(
        BusinessVoiceChanged change, TimeSpan? timeout, bool needsReply, CancellationToken cancellationToken)
    {
        var patience = Check(timeout ?? _options.ChangeTimeout);
        if (ContractException.Of(ContractRules.Check(change)) is { } broken)
            return Task.FromException<VoiceChange>(broken);
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<VoiceChange>(cancellationToken);
        var request = new ChangeRequest(change, patience, needsReply, _logger);
        Open().Submit(request, cancellationToken);
        return request.Result;
    }

    private Link Open()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _link.Value;
    }

    private static TimeSpan Check(TimeSpan timeout) => timeout > TimeSpan.Zero && timeout <= Longest
        ? timeout
        : throw new ArgumentOutOfRangeException(nameof(timeout), "a time above zero, at most 24 days, is needed");

    // To the microsecond, by which a change is known to the worker and to whoever has its audit event; now if none.
    private static DateTimeOffset AsSent(DateTimeOffset? instant) =>
        VoiceWorker.Contracts.Json.Rfc3339Converter.TruncateToMicroseconds(
            instant ?? TimeProvider.System.GetUtcNow());
}
