using MassTransit;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Bus;
using VoiceWorker.Persistence;

namespace VoiceWorker.Tests.Unit.Bus;

public sealed class EndpointLogTests
{
    private readonly RecordingLogger<EndpointLog> _logger = new();

    [Fact]
    public async Task However_often_it_is_tried_in_vain_a_lost_queue_is_told_once_and_so_is_its_return()
    {
        var log = new EndpointLog("calls", new Intake(), _logger);
        await log.Ready(new Change());
        Assert.Empty(_logger.Lines);

        await log.Faulted(new Change(new ConnectionException("outer", new IOException("reset"))));
        await log.Faulted(new Change());
        await log.Ready(new Change());
        await log.Ready(new Change());

        Assert.Equal(["calls is not consumed: reset", "calls is consumed again"], _logger.Lines);
    }

    [Fact]
    public async Task A_paused_queue_is_not_told_to_be_consumed_again_when_it_could_be()
    {
        var intake = new Intake();
        var log = new EndpointLog("calls", intake, _logger);
        await log.Faulted(new Change(new IOException("reset")));

        await intake.TurnAsync(isShut: true);
        await log.Ready(new Change());

        Assert.Equal(["calls is not consumed: reset"], _logger.Lines);
    }

    [Fact]
    public async Task What_a_peer_says_is_bounded_and_steers_no_terminal()
    {
        var closed = new ShutdownEventArgs(
            ShutdownInitiator.Peer, 541, "INTERNAL_ERROR\u001b]0;\u0007\nfail: \u202e" + new string('x', 5_000));
        const string Said = "\u001b[2J\u009b31m\r\n";
        var said = Said + new string('y', 5_000);
        Exception[] failures =
        [
            new OperationInterruptedException(closed), new ConnectionException(said), new IOException(said),
            new PostgresException(said, "ERROR", "ERROR", "XX000"), new InvalidOperationException(said),
        ];

        foreach (var failure in failures)
        {
            var log = new EndpointLog("calls", new Intake(), _logger);
            await log.Faulted(new Change(failure));
        }

        Assert.Equal(failures.Length, _logger.Lines.Count);
        Assert.All(_logger.Lines, line => Assert.InRange(line.Length, 1_000, PeerText.Longest + 50));
        Assert.DoesNotContain(_logger.Lines, line => line.Any(c => char.IsControl(c) || c == '\u202e'));
        Assert.Contains("INTERNAL_ERROR\\u001B]0;\\u0007\\u000Afail: \\u202Exx", _logger.Lines[0],
            StringComparison.Ordinal);
    }

    private sealed record Change(Exception? Exception = null) : ReceiveEndpointReady, ReceiveEndpointFaulted
    {
        public Uri InputAddress => new("rabbitmq://host/calls");

        public IReceiveEndpoint ReceiveEndpoint => null!;

        public bool IsStarted => true;
    }
}
