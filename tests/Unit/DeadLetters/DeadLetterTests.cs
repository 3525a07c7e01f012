using System.Text;
using RabbitMQ.Client;
using VoiceWorker.DeadLetters;
using VoiceWorker.Observability;
using VoiceWorker.Persistence;

namespace VoiceWorker.Tests.Unit.DeadLetters;

public sealed class DeadLetterTests
{
    [Fact]
    public void An_id_is_the_same_each_time_and_depends_on_every_part()
    {
        var id = DeadLetterId.Of("q_error", "body"u8, "m", "t");

        Assert.Matches("^[0-9a-f]{12}$", id);
        Assert.Equal(id, DeadLetterId.Of("q_error", "body"u8, "m", "t"));
        string[] others =
        [
            DeadLetterId.Of("q_dead", "body"u8, "m", "t"), DeadLetterId.Of("q_error", "bodym"u8, "", "t"),
            DeadLetterId.Of("q_error", "body"u8, null, "t"), DeadLetterId.Of("q_error", "body"u8, "m", null),
            DeadLetterId.Of("q_error", "body"u8, "mt", ""),
        ];
        Assert.Equal(6, others.Append(id).Distinct().Count());
    }

    [Theory]
    [InlineData("""{"callId":"CA-1","businessId":42}""", "42", "CA-1")]
    [InlineData("""{"message":{"callId":"CA-1","businessId":42}}""", "42", "CA-1")]
    [InlineData("""{"callId":17,"businessId":"none","message":"hello"}""", "none", "17")]
    [InlineData("""{"businessId":{"a":1},"callId":""}""", null, null)]
    [InlineData("\uFEFF{\"businessId\":1}", "1", null)]
    [InlineData("[1]", null, null)]
    [InlineData("{\"callId\":\"\\ud800\"}", null, null)]
    [InlineData("not JSON", null, null)]
    [InlineData("", null, null)]
    public void Whom_a_message_is_about_is_read_as_far_as_it_can_be(string body, string? businessId, string? callId) =>
        Assert.Equal(new Glance(businessId, callId), Glance.At(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void A_death_is_read_from_the_fault_headers_or_from_x_death_or_not_at_all()
    {
        var death = new Dictionary<string, object?> { ["reason"] = "expired"u8.ToArray(), ["time"] = new AmqpTimestamp(60) };
        var dead = new Dictionary<string, object?> { ["x-death"] = new List<object?> { death } };
        var faulted = new Dictionary<string, object?>(dead)
        {
            ["MT-Fault-Timestamp"] = "2026-01-31T09:30:00.0000000Z"u8.ToArray(), ["MT-Fault-Message"] = "callId: required"u8.ToArray(),
        };

        Assert.Equal(
            new Death("expired", DateTimeOffset.UnixEpoch.AddMinutes(1), "60") { IsUntried = true }, Death.Of(dead));
        Assert.Equal("callId: required", Death.Of(faulted).Reason);
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 9, 30, 0, TimeSpan.Zero), Death.Of(faulted).At);
        Assert.Equal(new Death(null, null, null), Death.Of(null));
        Assert.Equal(new Death(null, null, null), Death.Of(new Dictionary<string, object?> { ["x-death"] = 1 }));
    }

    [Theory]
    [InlineData("expired", true, true, true)]
    [InlineData("expired", false, true, false)]
    [InlineData("maxlen", true, true, false)]
    [InlineData("delivery_limit", true, false, false)]
    [InlineData("rejected", true, false, false)]
    public void What_no_worker_has_failed_on_is_told_from_what_one_has(
        string reason, bool hadExpiration, bool isUntried, bool isOver)
    {
        var latest = new Dictionary<string, object?> { ["reason"] = Encoding.UTF8.GetBytes(reason) };
        if (hadExpiration)
            latest["original-expiration"] = "1000"u8.ToArray();
        // It expired once before, in a queue of its producer's.
        var earlier = new Dictionary<string, object?> { ["reason"] = "expired"u8.ToArray() };

        var death = Death.Of(new Dictionary<string, object?> { ["x-death"] = new List<object?> { latest, earlier } });

        Assert.Equal((isUntried, isOver), (death.IsUntried, death.IsOver));
    }

    [Fact]
    public void What_a_producer_sent_cannot_steer_a_terminal()
    {
        Assert.Equal("grün\tund\n\\u001B[2J\\u202E", PlainText.Of(Encoding.UTF8.GetBytes("grün\tund\n\u001b[2J\u202e")));
        Assert.Equal("a\\x00\\xFF", PlainText.Of([0x61, 0x00, 0xFF]));
        Assert.Equal("a\\u000Ab", PeerText.Escape("a\nb"));
    }
}
