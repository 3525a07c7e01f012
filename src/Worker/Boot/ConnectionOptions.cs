using System.ComponentModel.DataAnnotations;
using Npgsql;

namespace VoiceWorker.Boot;

/// <summary>Section <c>ConnectionStrings</c>. Both are secrets: they never reach a log.</summary>
public sealed class ConnectionOptions : IValidatableObject
{
    /// <summary>Npgsql connection string of the database with the legacy tables.</summary>
    public string Postgres { get; set; } = "";

    /// <summary>amqp or amqps URI of RabbitMQ, with the virtual host as its path.</summary>
    public string RabbitMq { get; set; } = "";

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsPostgres(Postgres))
        {
            yield return new ValidationResult("ConnectionStrings:Postgres " + (string.IsNullOrEmpty(Postgres) ? "is missing" : "is not valid")
                + "; expected Host=db.example;Database=app;Username=worker;Password=…");
        }

        if (!IsAmqp(RabbitMq))
        {
            yield return new ValidationResult("ConnectionStrings:RabbitMq " + (string.IsNullOrEmpty(RabbitMq) ? "is missing" : "is not valid")
                + "; expected amqp://user:password@rabbit.example:5672/vhost, or amqps://");
        }
    }

    private static bool IsPostgres(string text)
    {
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(text);
            return !string.IsNullOrEmpty(parsed.Host) && !string.IsNullOrEmpty(parsed.Database);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool IsAmqp(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "amqp" or "amqps") && uri.Host.Length > 0;
}
