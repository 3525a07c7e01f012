using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using VoiceWorker.Bench;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Servers;

namespace VoiceWorker.Tests.Repository.Bench;

public sealed class CallWorkTests
{
    private readonly CallWork _work = new("bench", 1_000);

    [Fact]
    public void Five_percent_of_the_calls_are_for_a_business_that_does_not_exist() =>
        Assert.Equal(50, Enumerable.Range(0, _work.Count).Count(index => CallWork.BusinessOf(index) > Businesses.Count));

    [Theory]
    [InlineData(7)]
    [InlineData(19)]
    public void The_event_that_a_call_should_have_is_found_right(int index) =>
        Assert.Equal(new Observation(index, "business", 1, null), _work.Observe(EventOf(index, resolved => resolved)));

    [Fact]
    public void The_voice_of_another_business_is_found_wrong() =>
        Assert.NotNull(_work.Observe(EventOf(7, resolved => resolved with { VoiceId = Businesses.VoiceOf(resolved.BusinessId + 1) })).Fault);

    [Fact]
    public void A_business_that_does_not_exist_cannot_have_a_voice_of_its_own() =>
        Assert.NotNull(_work.Observe(EventOf(19, resolved => resolved with { Source = VoiceSource.Business })).Fault);

    [Fact]
    public void A_call_of_somebody_else_has_no_index() =>
        Assert.Equal(-1, _work.Observe(EventOf(7, resolved => resolved with { CallId = new CallWork("other", 8).CallIdOf(7) })).Index);

    [Fact]
    public void The_bench_knows_the_queues_of_the_worker() =>
        Assert.Equal(InputQueue.All.Select(queue => queue.Name), SystemUnderTest.WorkerQueues);

    private BasicDeliverEventArgs EventOf(int index, Func<CallVoiceResolved, CallVoiceResolved> change)
    {
        var isUnknown = CallWork.BusinessOf(index) > Businesses.Count;
        var resolved = change(new CallVoiceResolved
        {
            Stream = "business", Sequence = 1, CallId = _work.CallIdOf(index), BusinessId = CallWork.BusinessOf(index),
            VoiceId = CallWork.VoiceOf(index), Source = isUnknown ? VoiceSource.Default : VoiceSource.Business,
            Reason = isUnknown ? VoiceReason.UnknownBusiness : VoiceReason.BusinessVoice, StartedAt = default,
        });
        return new BasicDeliverEventArgs("", 1, false, "", "", new BasicProperties(),
            JsonSerializer.SerializeToUtf8Bytes(resolved, ContractsJson.Default.CallVoiceResolved));
    }
}
