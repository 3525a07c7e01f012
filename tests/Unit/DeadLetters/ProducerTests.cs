using System.Text;
using RabbitMQ.Client;
using VoiceWorker.DeadLetters;

namespace VoiceWorker.Tests.Unit.DeadLetters;

public sealed class ProducerTests
{
    private const string Envelope = """
        {"message":{"businessId":7},"host":{"machineName":"web-1","processName":"shop"}}
        """;

    [Theory]
    [InlineData("crm", """{"processName":"shop"}""", Envelope, "guest", "crm")]
    [InlineData("", """{"processName":"till","machineName":"desk"}""", Envelope, "guest", "till@desk")]
    [InlineData(null, "not JSON", Envelope, "guest", "shop@web-1")]
    [InlineData(null, "[1]", """{"host":{"machineName":"web-1"},"businessId":7}""", "guest", "guest")]
    [InlineData(null, null, """{"message":{},"host":{"machineName":7}}""", null, null)]
    [InlineData(" ", null, "", null, null)]
    public void A_producer_is_known_by_what_it_says_first(string? app, string? header, string body, string? user, string? expected)
    {
        var properties = new BasicProperties { AppId = app, UserId = user };
        if (header is not null)
            properties.Headers = new Dictionary<string, object?> { ["MT-Host-Info"] = Encoding.UTF8.GetBytes(header) };

        Assert.Equal(expected, Producer.NameOf(properties, Glance.At(Encoding.UTF8.GetBytes(body))));
    }

    [Fact]
    public void A_name_without_end_is_cut_between_characters() => Assert.Equal(
        string.Concat(Enumerable.Repeat("🎙", 128)),
        Producer.NameOf(new BasicProperties { AppId = string.Concat(Enumerable.Repeat("🎙", 200)) }, Glance.At(ReadOnlyMemory<byte>.Empty)));
}
