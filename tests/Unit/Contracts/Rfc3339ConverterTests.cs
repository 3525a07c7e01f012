using System.Text.Json;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Tests.Unit.Contracts;

public sealed class Rfc3339ConverterTests
{
    [Theory]
    [InlineData("2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000000Z")]
    [InlineData("2026-01-31T09:30:00+00:00", "2026-01-31T09:30:00.000000Z")]
    [InlineData("2026-01-31T09:30:00-00:00", "2026-01-31T09:30:00.000000Z")]
    [InlineData("2026-01-31T09:30:00+05:30", "2026-01-31T04:00:00.000000Z")]
    [InlineData("2026-01-31T23:30:00-08:00", "2026-02-01T07:30:00.000000Z")]
    [InlineData("2028-02-29T00:00:00+14:00", "2028-02-28T10:00:00.000000Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z")]
    public void An_instant_is_kept_as_utc(string sent, string kept) => Assert.Equal(kept, Written(Read(sent)));

    [Theory]
    [InlineData("2026-01-31T09:30:00.1Z", "2026-01-31T09:30:00.100000Z")]
    [InlineData("2026-01-31T09:30:00.123456Z", "2026-01-31T09:30:00.123456Z")]
    [InlineData("2026-01-31T09:30:00.1234569Z", "2026-01-31T09:30:00.123456Z")]
    [InlineData("2026-01-31T09:30:00.123456789Z", "2026-01-31T09:30:00.123456Z")]
    [InlineData("2026-01-31T09:30:00.999999999+02:00", "2026-01-31T07:30:00.999999Z")]
    public void What_PostgreSQL_cannot_keep_is_cut_off_and_never_rounded_up(string sent, string kept)
    {
        var instant = Read(sent);

        Assert.Equal(kept, Written(instant));
        Assert.Equal(0, instant.Ticks % TimeSpan.TicksPerMicrosecond);
    }

    [Theory]
    [InlineData("2026-01-31T09:30:00")]
    [InlineData("2026-01-31T09:30:00.123456")]
    [InlineData("2026-01-31 09:30:00Z")]
    [InlineData("2026-01-31t09:30:00Z")]
    [InlineData("2026-01-31T09:30:00z")]
    [InlineData("2026-01-31T09:30:00.Z")]
    [InlineData("2026-01-31T09:30:00.+01:00")]
    [InlineData("2026-01-31T09:+0:00.")]
    [InlineData("2026-01-31")]
    [InlineData("2026-01-31Z")]
    [InlineData("2026-02-30T09:30:00Z")]
    [InlineData("2026-01-31T25:00:00Z")]
    [InlineData("2026-01-31T09:30:00+25:00")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("1769851800")]
    [InlineData("")]
    [InlineData(" 2026-01-31T09:30:00Z")]
    [InlineData("2026-01-31T09:30:00Z ")]
    [InlineData("Sat, 31 Jan 2026 09:30:00 GMT")]
    public void What_is_not_an_instant_with_date_time_and_offset_is_refused(string sent) =>
        Assert.Throws<JsonException>(() => Read(sent));

    [Theory]
    [InlineData("2026-01-31T09:30Z")]
    [InlineData("2026-01-31T09:30+01:00")]
    public void An_instant_without_seconds_is_no_RFC_3339_and_refused(string sent) =>
        Assert.Throws<JsonException>(() => Read(sent));

    // The default encoder of .NET and others escape the plus sign of a string.
    [Theory]
    [InlineData("""2026-01-31T09:30:00\u002B00:00""")]
    [InlineData("""2026-01-31T09:30:00.123456\u002b00:00""")]
    [InlineData("""2026-01-31T09:30:00\u005A""")]
    public void An_instant_with_json_escapes_is_the_same_instant(string sent) => Assert.Equal(9, Read(sent).Hour);

    [Theory]
    [InlineData("1769851800")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("[]")]
    public void Another_json_type_is_refused(string json) =>
        Assert.Throws<JsonException>(() => ReadJson(json));

    [Fact]
    public void Null_counts_as_missing() => Assert.Equal(default, ReadJson("null"));

    [Fact]
    public void What_is_written_reads_back_equal()
    {
        var random = new Random(58);
        for (var i = 0; i < 1_000; i++)
        {
            var instant = Rfc3339Converter.TruncateToMicroseconds(
                new DateTimeOffset(random.NextInt64(DateTime.MaxValue.Ticks), TimeSpan.Zero));

            Assert.Equal(instant, Read(Written(instant)));
        }
    }

    [Fact]
    public void An_instant_with_an_offset_is_written_as_utc() => Assert.Equal(
        "2026-01-31T04:00:00.000000Z", Written(new DateTimeOffset(2026, 1, 31, 9, 30, 0, TimeSpan.FromHours(5.5))));

    private static DateTimeOffset Read(string instant) => ReadJson($"\"{instant}\"");

    private static DateTimeOffset ReadJson(string json) => JsonSerializer.Deserialize(
        $$"""{"callId":"CA1","businessId":42,"startedAt":{{json}}}""", ContractsJson.Default.CallStarted)!.StartedAt;

    private static string Written(DateTimeOffset instant) => JsonSerializer.SerializeToElement(
        new CallStarted("CA1", 42, instant), ContractsJson.Default.CallStarted).GetProperty("startedAt").GetString()!;
}
