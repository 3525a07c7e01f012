using Npgsql;
using VoiceWorker.Persistence;

namespace VoiceWorker.Tests.Unit.Servers;

public sealed class PostgresUriTests
{
    [Theory]
    [InlineData("postgresql://u:p@db:5433/app?sslmode=require", "Host=db;Port=5433;Database=app;Username=u;Password=p;SSL Mode=Require")]
    [InlineData("postgres://u:p@db/app", "Host=db;Database=app;Username=u;Password=p")]
    [InlineData("POSTGRES://u@db", "Host=db;Database=u;Username=u")]
    [InlineData("postgresql+psycopg2://u:p@db/app", "Host=db;Database=app;Username=u;Password=p")]
    [InlineData("postgresql://us%40er:p%2F%3A%40%3B%20w@db/my%20app", "Host=db;Database=my app;Username=us@er;Password='p/:@; w'")]
    [InlineData("postgresql://u:p@a:1,b:2,c/app?target_session_attrs=read-write", "Host=a:1,b:2,c;Database=app;Username=u;Password=p;Target Session Attributes=read-write")]
    [InlineData("postgresql://u:p@[::1]:5433/app", "Host=::1;Port=5433;Database=app;Username=u;Password=p")]
    [InlineData("postgresql://u:p@[::1]/app", "Host=::1;Database=app;Username=u;Password=p")]
    [InlineData("postgresql://u:p@[::1]:1,[::2]:2/app", "Host='[::1]:1,[::2]:2';Database=app;Username=u;Password=p")]
    [InlineData("postgresql://u@%2Frun%2Fpostgresql/app", "Host=/run/postgresql;Database=app;Username=u")]
    [InlineData("postgresql:///app?host=/run/postgresql&user=u&password=p%26q&port=5433", "Host=/run/postgresql;Port=5433;Database=app;Username=u;Password=p&q")]
    [InlineData("postgresql://u:p@db/app?sslmode=verify-full&sslrootcert=/ca.pem", "Host=db;Database=app;Username=u;Password=p;SSL Mode=VerifyFull;Root Certificate=/ca.pem")]
    [InlineData("postgresql://u:p@db/app?ssl=true", "Host=db;Database=app;Username=u;Password=p;SSL Mode=Require")]
    [InlineData("postgresql://u:p@db/app?sslmode=verify-full&sslrootcert=system", "Host=db;Database=app;Username=u;Password=p;SSL Mode=VerifyFull")]
    [InlineData("postgresql://u:p@db/app?sslmode=verify-ca", "Host=db;Database=app;Username=u;Password=p;SSL Mode=VerifyCA")]
    [InlineData("postgresql://u:p@db/app?connect_timeout=7&application_name=x", "Host=db;Database=app;Username=u;Password=p;Timeout=7;Application Name=x")]
    [InlineData("postgresql://u:p@db/app?options=-c%20work_mem%3D64MB", "Host=db;Database=app;Username=u;Password=p;Options=-c work_mem=64MB")]
    [InlineData("postgresql://u:p@db/app?channel_binding=require&sslmode=require", "Host=db;Database=app;Username=u;Password=p;Channel Binding=Require;SSL Mode=Require")]
    [InlineData("postgresql://u:p@db/app?keepalives=1&keepalives_idle=30&load_balance_hosts=disable", "Host=db;Database=app;Username=u;Password=p;TCP Keepalive=true;TCP Keepalive Time=30;Load Balance Hosts=false")]
    public void A_URI_means_the_same_as_keywords(string uri, string keywords) => AssertSame(keywords, PostgresUri.ToKeywords(uri));

    [Fact]
    public void Keywords_stay_as_they_are() => Assert.Equal("Host=a;Database=b", PostgresUri.ToKeywords("Host=a;Database=b"));

    [Theory]
    [InlineData("-c work_mem=64MB --jit=on -cTimeZone=Europe/Rome -c search_path=x", null)]
    [InlineData("endpoint=ep-cool-1", "endpoint=ep-cool-1")]
    public void Settings_in_Options_are_set_afterwards_and_the_rest_goes_with_the_start(string options, string? rest)
    {
        var settings = new SessionSettings("legacy", options);

        Assert.Equal(rest, settings.Rest);
        Assert.Contains("set_config('search_path', '\"legacy\"', false)", settings.Sql, StringComparison.Ordinal);
        Assert.Contains("set_config('enable_seqscan', 'off', false)", settings.Sql, StringComparison.Ordinal);
        Assert.Contains(rest is null ? "set_config('jit', 'on', false)" : "set_config('jit', 'off', false)", settings.Sql, StringComparison.Ordinal);
        Assert.Equal(rest is null, settings.Sql.Contains("set_config('work_mem', '64MB', false)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a", 5432, "a:5432")]
    [InlineData("a:55832", 5432, "a:55832")]
    [InlineData("a:1,b", 5432, "a:1, b:5432")]
    [InlineData("[::1]:7,::2", 5432, "[::1]:7, [::2]:5432")]
    public void Hosts_are_told_with_the_port_of_each(string host, int port, string expected) => Assert.Equal(
        expected,
        string.Join(", ", VoiceWorker.Servers.PostgresAddress.Of(new NpgsqlConnectionStringBuilder { Host = host, Port = port })));

    private static void AssertSame(string expected, string actual)
    {
        var (left, right) = (new NpgsqlConnectionStringBuilder(expected), new NpgsqlConnectionStringBuilder(actual));
        Assert.Equal(
            left.Keys.Cast<string>().Select(key => $"{key}={left[key]}").Order(StringComparer.Ordinal),
            right.Keys.Cast<string>().Select(key => $"{key}={right[key]}").Order(StringComparer.Ordinal));
    }
}
