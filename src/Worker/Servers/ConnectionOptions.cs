using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Cryptography;
using Npgsql;
using VoiceWorker.Persistence;

namespace VoiceWorker.Servers;

/// <summary>Section <c>ConnectionStrings</c>. All but the file are secrets: they never reach a log.</summary>
internal sealed class ConnectionOptions : IValidatableObject
{
    /// <summary>Npgsql connection string, or postgresql:// URI, of the database with the legacy tables.</summary>
    public string Postgres { get; set; } = "";

    /// <summary>Whether it may be missing: the verbs for dead letters need no PostgreSQL.</summary>
    internal bool IsPostgresOptional { get; set; }

    /// <summary>amqp or amqps URI of RabbitMQ, with the virtual host as its path; several nodes are separated by
    /// commas.</summary>
    public string RabbitMq { get; set; } = "";

    /// <summary>PEM file with the only authorities to trust for amqps; empty means those of the system.</summary>
    public string RabbitMqCaFile { get; set; } = "";

    /// <summary>http or https URI of RabbitMQ's management API, with its user if that is another; empty means that
    /// policies are not examined.</summary>
    public string RabbitMqManagement { get; set; } = "";

    /// <summary>The nodes of <see cref="RabbitMq"/>, which must be valid.</summary>
    internal BrokerNodes Nodes => field ??= new(
        BrokerUri.Parse(RabbitMq), RabbitMqCaFile, Dns.GetHostAddressesAsync, TimeProvider.System);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!(IsPostgresOptional && string.IsNullOrEmpty(Postgres)) && WhyNotPostgres(Postgres) is { } wrong)
        {
            yield return new ValidationResult(
                $"ConnectionStrings:Postgres {wrong}; expected Host=db.example;Database=app;Username=worker;Password=…"
                + " or postgresql://worker:…@db.example/app");
        }

        if (WhyNotRabbitMq(RabbitMq) is { } broken)
        {
            yield return new ValidationResult(
                $"ConnectionStrings:RabbitMq {broken}; expected amqp://user:password@rabbit.example:5672/vhost, or "
                + "amqps://; several nodes are separated by commas, a.example:5672,b.example:5672");
        }

        if (RabbitMqManagement.Length > 0 && !IsHttp(RabbitMqManagement))
        {
            yield return new ValidationResult(
                "ConnectionStrings:RabbitMqManagement is not valid; expected http://rabbit.example:15672, or https://");
        }

        if (WhyNotAuthorities(RabbitMqCaFile) is { } reason)
        {
            yield return new ValidationResult(
                $"ConnectionStrings:RabbitMqCaFile is not a PEM file with the certificate of an authority: {reason}");
        }
        else if (RabbitMqCaFile.Length > 0 && WhyNotRabbitMq(RabbitMq) is null && !BrokerUri.Parse(RabbitMq).IsTls)
        {
            yield return new ValidationResult(
                "ConnectionStrings:RabbitMqCaFile is for amqps://; ConnectionStrings:RabbitMq has amqp://");
        }
    }

    private static string? WhyNotPostgres(string text)
    {
        if (string.IsNullOrEmpty(text))
            return "is missing";
        string keywords;
        try
        {
            keywords = PostgresUri.ToKeywords(text);
        }
        catch (ArgumentException wrong)
        {
            return wrong.Message;
        }

        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(keywords);
            return string.IsNullOrEmpty(parsed.Host) || string.IsNullOrEmpty(parsed.Database) ? "is not valid"
                : parsed.TargetSessionAttributes is null or "any" or "primary" or "read-write" or "prefer-primary"
                ? null : "must lead to a primary, which Target Session Attributes rules out";
        }
        // Npgsql quotes the value.
        catch (ArgumentException)
        {
            return "is not valid";
        }
    }

    private static string? WhyNotAuthorities(string pemFile)
    {
        try
        {
            CertificateCheck.ReadAuthorities(pemFile);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return failure.Message;
        }
    }

    private static bool IsHttp(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") && uri.Host.Length > 0;

    private static string? WhyNotRabbitMq(string text)
    {
        if (string.IsNullOrEmpty(text))
            return "is missing";
        try
        {
            BrokerUri.Parse(text);
            return null;
        }
        catch (FormatException wrong)
        {
            return wrong.Message;
        }
    }
}
