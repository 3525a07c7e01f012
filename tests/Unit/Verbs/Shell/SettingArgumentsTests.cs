using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Tests.Unit.Verbs.Shell;

public sealed class SettingArgumentsTests
{
    [Fact]
    public void Settings_of_every_section_pass_unchanged_in_both_forms()
    {
        string[] tokens =
        [
            "--Voices:Default=echo", "--voices:available:0", "echo", "--Bus:Prefetch", "10", "--urls=http://*:1",
            "--URLS", "http://*:2", "--Logging:LogLevel:Default=Debug", "--logging:LogLevel:Npgsql", "Warning",
            "--Audit:DeclareQueue=", "--ConnectionStrings:Postgres=Host=db;Password=a=b",
        ];

        Assert.Equal(tokens, SettingArguments.Check(tokens));
        Assert.Empty(SettingArguments.Check([]));
    }

    [Theory]
    [InlineData("migrat")]
    [InlineData("-Voices:Default=echo")]
    [InlineData("Voices:Default=echo")]
    [InlineData("/Voices:Default=echo")]
    [InlineData("--Voices.Default=echo")]
    [InlineData("--Voice:Default=echo")]
    [InlineData("--Voices=echo")]
    [InlineData("--plan")]
    [InlineData("--")]
    [InlineData("--=x")]
    [InlineData("")]
    public void What_cannot_be_a_setting_is_refused_with_what_would_be_right(string token)
    {
        var failure = Assert.Throws<SettingsException>(() => SettingArguments.Check(["--Bus:Prefetch", "10", token]));

        Assert.Contains("--Voices:Default=ash", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"'{token.Split('=', ':')[0]}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_without_its_value_is_named()
    {
        var failure = Assert.Throws<SettingsException>(() => SettingArguments.Check(["--Bus:Prefetch=10", "--Voices:Default"]));

        Assert.StartsWith("'--Voices:Default' needs a value", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--ConnectionString:Postgres=Host=db;Password=S3CRET")]
    [InlineData("--ConnectionStrings__Postgres=Host=db;Password=S3CRET")]
    [InlineData("ConnectionStrings:RabbitMq=amqp://worker:S3CRET@rabbit")]
    [InlineData("amqp://worker:S3CRET@rabbit")]
    public void The_value_of_a_misspelt_setting_can_be_a_secret_and_is_not_echoed(string token)
    {
        var failure = Assert.Throws<SettingsException>(() => SettingArguments.Check([token]));

        Assert.DoesNotContain("S3CRET", failure.Message, StringComparison.Ordinal);
    }
}
