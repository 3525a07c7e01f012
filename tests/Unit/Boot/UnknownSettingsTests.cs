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
        3, FindUnknown("Bus:PreFetchCount", "Audit:Page:Size", "ConnectionStrings:Redis", "Boot:Timeout").Count);

    [Fact]
    public void Known_names_pass_in_any_case_and_with_what_is_inside_them() => Assert.Empty(FindUnknown(
        "voices:DEFAULT", "Voices:Available:0", "Voices:Available:1", "Migration:CriticalColumns:leads:0", "GroupCommit:MaxGroupSize"));

    [Fact]
    public void Sections_of_others_are_left_to_them() =>
        Assert.Empty(FindUnknown("Logging:LogLevel:Default", "Kestrel:Limits:X", "urls", "Voice"));

    [Fact]
    public void The_value_is_never_told() =>
        Assert.All(FindUnknown("ConnectionStrings:Postgress"), line => Assert.DoesNotContain("S3CRET", line, StringComparison.Ordinal));

    private static List<string> FindUnknown(params string[] keys) => SettingsRegistration.FindUnknown(
        new ConfigurationBuilder().AddInMemoryCollection(keys.ToDictionary(key => key, string? (_) => "S3CRET")).Build()).ToList();
}
