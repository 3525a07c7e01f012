using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using VoiceWorker.Relay;

namespace VoiceWorker.Tests.Unit.Relay;

public sealed class ConfirmWindowTests
{
    private const ulong First = 101;

    private readonly ConfirmWindow _window = new(First, 4);

    [Fact]
    public async Task A_page_is_settled_when_every_message_is_answered_in_whatever_order()
    {
        foreach (var tag in new[] { First + 2, First, First + 3 })
            await AckAsync(tag);
        Assert.False(_window.Settled.IsCompleted);
        await AckAsync(First + 1);

        Assert.True(_window.Settled.IsCompletedSuccessfully);
        Assert.All([0, 1, 2, 3], position => Assert.False(_window.IsRejected(position)));
    }

    [Fact]
    public async Task One_ack_can_answer_for_all_up_to_its_tag()
    {
        await AckAsync(First + 2, multiple: true);
        Assert.False(_window.Settled.IsCompleted);
        await AckAsync(First + 3);

        Assert.True(_window.Settled.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_repeated_ack_counts_once()
    {
        await AckAsync(First);
        await AckAsync(First);
        await AckAsync(First + 1, multiple: true);
        await AckAsync(First + 1);
        await AckAsync(First + 1, multiple: true);

        Assert.False(_window.Settled.IsCompleted);
    }

    [Fact]
    public async Task A_nack_settles_too_and_marks_what_was_refused()
    {
        await AckAsync(First);
        await NackAsync(First + 2, multiple: true);
        await AckAsync(First + 3, multiple: true);

        Assert.True(_window.Settled.IsCompletedSuccessfully);
        Assert.Equal([false, true, true, false], [.. Enumerable.Range(0, 4).Select(_window.IsRejected)]);
    }

    [Fact]
    public async Task A_nack_is_known_at_once_and_what_is_not_sent_is_not_waited_for()
    {
        await NackAsync(First - 1);
        Assert.False(_window.HasRejected);
        await NackAsync(First + 1);
        Assert.True(_window.HasRejected);

        _window.End(sent: 3);
        await AckAsync(First);
        Assert.False(_window.Settled.IsCompleted);
        await AckAsync(First + 2);

        Assert.True(_window.Settled.IsCompletedSuccessfully);
        Assert.Equal(3, _window.Sent);
    }

    [Fact]
    public async Task Answers_for_other_pages_of_the_channel_are_ignored()
    {
        await AckAsync(First - 1);
        await AckAsync(First - 1, multiple: true);
        await AckAsync(1);
        await AckAsync(First + 4);
        Assert.False(_window.Settled.IsCompleted);
        await AckAsync(First + 9, multiple: true);

        Assert.True(_window.Settled.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_returned_message_is_acknowledged_and_known_by_its_id()
    {
        await ReturnAsync("event-2");
        Assert.True(_window.HasReturned);
        Assert.False(_window.Settled.IsCompleted);
        await AckAsync(First + 3, multiple: true);

        Assert.True(_window.Settled.IsCompletedSuccessfully);
        Assert.True(_window.IsReturned("event-2"));
        Assert.False(_window.IsReturned("event-1"));
        Assert.False(_window.IsRejected(1));
    }

    [Fact]
    public async Task A_channel_that_closes_first_fails_the_page()
    {
        await AckAsync(First + 2, multiple: true);
        await CloseAsync();
        await AckAsync(First + 3);

        await Assert.ThrowsAsync<AlreadyClosedException>(() => _window.Settled);
    }

    [Fact]
    public async Task A_channel_that_closes_after_the_last_answer_changes_nothing()
    {
        await AckAsync(First + 3, multiple: true);
        await CloseAsync();

        Assert.True(_window.Settled.IsCompletedSuccessfully);
    }

    [Fact]
    public void Answers_from_many_threads_settle_a_page_exactly_when_the_last_one_is_in()
    {
        for (var round = 0; round < 50; round++)
        {
            var window = new ConfirmWindow(First, 500);
            Parallel.For(0, 499, position =>
                window.OnAckAsync(this, new BasicAckEventArgs(First + (ulong)position, multiple: false)));
            Assert.False(window.Settled.IsCompleted);
            window.OnAckAsync(this, new BasicAckEventArgs(First + 499, multiple: false));
            Assert.True(window.Settled.IsCompletedSuccessfully);
        }
    }

    private Task AckAsync(ulong tag, bool multiple = false) => _window.OnAckAsync(this, new BasicAckEventArgs(tag, multiple));

    private Task NackAsync(ulong tag, bool multiple = false) =>
        _window.OnNackAsync(this, new BasicNackEventArgs(tag, multiple, requeue: false));

    private Task ReturnAsync(string messageId) => _window.OnReturnAsync(this, new BasicReturnEventArgs(
        312, "NO_ROUTE", "voice-audit", "business-42", new BasicProperties { MessageId = messageId }, default));

    private Task CloseAsync() => _window.OnShutdownAsync(this, new ShutdownEventArgs(ShutdownInitiator.Peer, 541, "internal error"));
}
