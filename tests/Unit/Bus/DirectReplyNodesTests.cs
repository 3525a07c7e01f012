using Microsoft.Extensions.Time.Testing;
using VoiceWorker.Bus;
using static VoiceWorker.Bus.DirectReplyNodes;

namespace VoiceWorker.Tests.Unit.Bus;

public sealed class DirectReplyNodesTests
{
    private const string Ours = "amq.rabbitmq.reply-to.g1h2AA5yZXBseUA0MTM2OTcwMAAAAqwAAAAAawgRWA==.KLAA848rOaJmR9x0XKvDDg==";
    private const string OursToo = "amq.rabbitmq.reply-to.g1h2AA5yZXBseUA0MTM2OTcwMAAAAqwAAAAAKggRWA==.KLAA848rOaJmR9x0XKvDDg==";
    private const string Foreign = "amq.rabbitmq.reply-to.g1h2AA5yZXBseUA5OTk5OTk5OQAAAqwAAAAAawgRWA==.KLAA848rOaJmR9x0XKvDDg==";

    private readonly FakeTimeProvider _time = new();
    private readonly DirectReplyNodes _nodes;

    public DirectReplyNodesTests() => _nodes = new DirectReplyNodes(_time);

    [Fact]
    public void A_node_is_known_by_one_reply_to_any_of_its_names()
    {
        Assert.Equal(Standing.Unknown, _nodes.Of(Ours));

        _nodes.Reached(Ours);

        Assert.Equal(Standing.Reached, _nodes.Of(OursToo));
        Assert.Equal(Standing.Unknown, _nodes.Of(Foreign));
    }

    [Fact]
    public void A_node_that_was_refused_is_tried_again_after_a_minute()
    {
        _nodes.Refuse(Foreign);

        Assert.Equal(Standing.Refused, _nodes.Of(Foreign));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Standing.Unknown, _nodes.Of(Foreign));
    }

    [Theory]
    [InlineData("amq.rabbitmq.reply-to.g1h2AA5yZXBseUA0ND")]
    [InlineData("amq.rabbitmq.reply-to.AAAA.AAAA")]
    [InlineData("amq.rabbitmq.reply-to.é.é")]
    [InlineData("amq.rabbitmq.reply-to")]
    public void A_name_of_another_form_is_refused_once_the_form_is_known(string name)
    {
        Assert.Equal(Standing.Unknown, _nodes.Of(name));

        _nodes.Reached(Ours);

        Assert.Equal(Standing.Refused, _nodes.Of(name));
    }
}
