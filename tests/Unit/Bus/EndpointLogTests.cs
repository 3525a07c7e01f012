using MassTransit;
using VoiceWorker.Bus;

namespace VoiceWorker.Tests.Unit.Bus;

public sealed class EndpointLogTests
{
    private readonly RecordingLogger<EndpointLog> _logger = new();

    [Fact]
    public async Task However_often_it_is_tried_in_vain_a_lost_queue_is_told_once_and_so_is_its_return()
    {
        var log = new EndpointLog("calls", _logger);
        await log.Ready(new Change());
        Assert.Empty(_logger.Lines);

        await log.Faulted(new Change(new ConnectionException("outer", new IOException("reset"))));
        await log.Faulted(new Change());
        await log.Ready(new Change());
        await log.Ready(new Change());

        Assert.Equal(["calls is not consumed: reset", "calls is consumed again"], _logger.Lines);
    }

    private sealed record Change(Exception? Exception = null) : ReceiveEndpointReady, ReceiveEndpointFaulted
    {
        public Uri InputAddress => new("rabbitmq://host/calls");

        public IReceiveEndpoint ReceiveEndpoint => null!;

        public bool IsStarted => true;
    }
}
