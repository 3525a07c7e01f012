using Npgsql;
using VoiceWorker.Bus;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Tests.Unit.Commit;

namespace VoiceWorker.Tests.Unit.Bus;

public sealed class FaultLogTests
{
    private const int TestTimeout = 20_000;

    private readonly SignallingTime _time = new();
    private readonly RecordingLogger<FaultLog> _logger = new();
    private readonly FaultLog _log;

    public FaultLogTests() => _log = new FaultLog("calls", "calls_error", _time, _logger);

    [Fact]
    public void A_message_that_was_moved_is_told_with_queues_reason_and_id()
    {
        _log.Moved(new InvalidMessageException([new BrokenRule("callId", "required")]), "m-1");

        Assert.Equal(["Moved a message of calls to calls_error: callId: required; message id m-1"], _logger.Lines);
    }

    [Fact]
    public void Of_a_failure_that_quotes_a_value_only_its_kind_is_told()
    {
        var failure = new InvalidOperationException("secret", new InvalidDataException("secret"));

        _log.Moved(failure, messageId: null);
        _log.HandedBack(failure);

        Assert.Equal(
            [
                "Moved a message of calls to calls_error: System.IO.InvalidDataException; message id none",
                "Deliveries of calls fail and are handed back: System.IO.InvalidDataException",
            ],
            _logger.Lines);
    }

    [Fact]
    public void An_id_makes_no_line_of_its_own()
    {
        _log.Moved(new InvalidDataException(), "m\nfail: \u001b[2J");

        Assert.Equal(
            ["Moved a message of calls to calls_error: System.IO.InvalidDataException; message id m\\u000Afail: \\u001B[2J"], _logger.Lines);
    }

    [Fact]
    public void Names_of_another_and_ids_are_bounded_and_steer_no_terminal()
    {
        _log.Moved(
            new PostgresException("", "ERROR", "ERROR", "23514", constraintName: "c\u001b[2J\n"),
            new string('m', 5_000));

        var line = Assert.Single(_logger.Lines);
        Assert.Contains("SQLSTATE 23514, constraint c\\u001B[2J\\u000A; message id mmm", line,
            StringComparison.Ordinal);
        Assert.InRange(line.Length, 1_000, 1_200);
    }

    [Fact(Timeout = TestTimeout)]
    public async Task However_many_deliveries_are_handed_back_their_begin_and_their_end_are_told()
    {
        for (var n = 0; n < 1_000; n++)
            _log.HandedBack(new NpgsqlException("lost"));
        Assert.Equal("Deliveries of calls fail and are handed back: lost", await _logger.NextLineAsync());
        Assert.Equal(Episode.Quiet, await _time.NextWaitAsync());
        _time.Advance(TimeSpan.FromSeconds(20));
        _log.HandedBack(new NpgsqlException("lost"));
        _time.Advance(Episode.Quiet - TimeSpan.FromSeconds(20));

        // 10 s after the latest of them: what is left of the quiet is waited for.
        Assert.Equal(TimeSpan.FromSeconds(20), await _time.PassNextWaitAsync());
        Assert.Equal("Deliveries of calls have stopped failing; 1001 were handed back", await _logger.NextLineAsync());
        Assert.Equal(2, _logger.Lines.Count);

        _log.HandedBack(new NpgsqlException("lost again"));
        Assert.Equal(3, _logger.Lines.Count);
    }
}
