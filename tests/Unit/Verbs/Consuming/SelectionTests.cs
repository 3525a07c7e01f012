using VoiceWorker.Servers;
using VoiceWorker.Verbs.Consuming;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Tests.Unit.Verbs.Consuming;

/// <summary>Which queues, words and settings are meant.</summary>
public sealed class SelectionTests
{
    [Theory]
    [InlineData("call-started")]
    [InlineData("Call-Started")]
    [InlineData("voice-worker.call-started")]
    public void A_queue_has_a_full_and_a_short_name_in_any_case(string name) =>
        Assert.Equal([InputQueue.CallStarted], QueueSelection.Of([name, name]));

    [Fact]
    public void A_queue_that_is_not_consumed_is_answered_with_those_that_are()
    {
        var refusal = Assert.Throws<SettingsException>(() => QueueSelection.Of(["call-started_error"]));

        Assert.Equal(
            "The worker consumes no queue 'call-started_error'; there are call-started, business-voice-changed.", refusal.Message);
    }

    [Fact]
    public void Words_and_settings_may_stand_in_any_order()
    {
        var (words, settings) = Words.Split(["--Bus:Prefetch", "5", "call-started", "--urls=http://x", "other", "--Voices:Default=ash"]);

        Assert.Equal(["call-started", "other"], words);
        Assert.Equal(["--Bus:Prefetch", "5", "--urls=http://x", "--Voices:Default=ash"], settings);
    }
}
