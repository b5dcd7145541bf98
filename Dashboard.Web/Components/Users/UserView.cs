namespace Dashboard.Web.Components.Users;

/// <summary>A user, as Ingest.Api shows it.</summary>
public sealed record UserView(Guid Id, string Name, string Role, DateTimeOffset? LockedUntil);
