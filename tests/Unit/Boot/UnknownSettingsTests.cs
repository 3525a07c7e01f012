using Microsoft.Extensions.Configuration;
using VoiceWorker.Boot;

namespace VoiceWorker.Tests.Unit.Boot;

public sealed class UnknownSettingsTests
{
    [Fact]
    public void A_misspelt_name_is_told_with_the_names_that_there_are()
    {
        var unknown = Assert.Single(FindUnknown("Voices:Defualt"));

        Assert.StartsWith("Voices:Defualt is not known; Voices has ", unknown, StringComparison.Ordinal);
        Assert.Contains("Default, Available", unknown, StringComparison.Ordinal);
    }

    [Fact]
    public void All_unknown_names_are_told_at_once() => Assert.Equal(
        3, FindUnknown("Bus:PreFetchCount", "Audit:Page:Size", "ConnectionStrings:Redis", "Migration:Schema").Count);

    [Fact]
    public void Known_names_pass_in_any_case_and_with_what_is_inside_them() => Assert.Empty(FindUnknown(
        "voices:DEFAULT", "Voices:Available:0", "Voices:Available:1", "Migration:CriticalColumns:leads:0"));

    [Fact]
    public void Sections_of_others_are_left_to_them() =>
        Assert.Empty(FindUnknown("Logging:LogLevel:Default", "Kestrel:Limits:X", "urls", "Voice"));

    [Theory]
    [InlineData("Bus:Prefetch", "many", "Bus:Prefetch must be between 1 and 65535, not 'many'.")]
    [InlineData("Bus:Prefetch", "1.5", "Bus:Prefetch must be between 1 and 65535, not '1.5'.")]
    [InlineData("Replies:Deadline", "soon", "Replies:Deadline must be between 00:00:00.010 and 00:01:00 (hh:mm:ss.fff), not 'soon'.")]
    [InlineData("Retention:Audit", "x", "Retention:Audit must be between 1.00:00:00 and 36500.00:00:00 (d.hh:mm:ss), not 'x'.")]
    [InlineData("Audit:Unrouted", "Drop", "Audit:Unrouted must be Hold or Skip, not 'Drop'.")]
    [InlineData("Observability:Prometheus", "yes", "Observability:Prometheus must be true or false, not 'yes'.")]
    public void A_value_of_another_type_is_told_with_the_rule(string name, string value, string expected) => Assert.Equal(
        [expected],
        SettingSections.FindUnusable(new ConfigurationBuilder().AddInMemoryCollection([new(name, value)]).Build()));

    [Fact]
    public void The_value_is_never_told() =>
        Assert.All(FindUnknown("ConnectionStrings:Postgress"), line => Assert.DoesNotContain("S3CRET", line, StringComparison.Ordinal));

    private static List<string> FindUnknown(params string[] keys) => SettingSections.FindUnusable(
        new ConfigurationBuilder().AddInMemoryCollection(keys.ToDictionary(key => key, string? (_) => "S3CRET")).Build()).ToList();
}
