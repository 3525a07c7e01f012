using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using VoiceWorker.Bus;
using VoiceWorker.Observability;
using VoiceWorker.Tests.Unit.Commit;

namespace VoiceWorker.Tests.Unit.Bus;

public sealed class ReplyLossesTests : IDisposable
{
    private const int TestTimeout = 20_000;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly List<string?> _counted = [];
    private readonly SignallingTime _time = new();
    private readonly RecordingLogger<ReplyLosses> _logger = new();
    private readonly ReplyLosses _losses;

    public ReplyLossesTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name == "voice_worker.replies.lost")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
            _counted.AddRange(Enumerable.Repeat(tags[0].Value as string, (int)count)));
        _listener.Start();
        _losses = new ReplyLosses(new WorkerMetrics(meters), _time, _logger);
    }

    [Fact]
    public void Each_loss_is_counted_and_the_first_of_each_kind_is_logged()
    {
        for (var n = 0; n < 3; n++)
        {
            _losses.Note(ReplyLoss.Unroutable, "there is no such reply queue");
            _losses.Note(ReplyLoss.Late, "not confirmed in time\n");
        }

        Assert.Equal(["late", "late", "late", "unroutable", "unroutable", "unroutable"], _counted.Order());
        Assert.Equal(
            [
                "Replies to callers are lost: there is no such reply queue",
                "Replies to callers are lost: not confirmed in time\\u000A",
            ],
            _logger.Lines);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task The_end_of_a_kind_is_told_while_another_goes_on()
    {
        _losses.Note(ReplyLoss.Late, "late");
        _losses.Note(ReplyLoss.Late, "late");
        await _time.NextWaitAsync();
        _time.Advance(Episode.Quiet / 2);
        _losses.Note(ReplyLoss.Overflow, "too many");
        await _time.NextWaitAsync();
        _time.Advance(Episode.Quiet / 2);

        Assert.Equal("Replies to callers are lost: late", await _logger.NextLineAsync());
        Assert.Equal("Replies to callers are lost: too many", await _logger.NextLineAsync());
        Assert.Equal("Replies to callers are no longer lost as late; 2 were", await _logger.NextLineAsync());
        Assert.Equal(3, _logger.Lines.Count);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }
}
