using CovidCxr.Domain.Hospital;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class ReceivedMessageConfiguration : IEntityTypeConfiguration<ReceivedMessage>
{
    public void Configure(EntityTypeBuilder<ReceivedMessage> builder)
    {
        builder.Ignore(m => m.Sender);
        builder.Property(m => m.Application).HasMaxLength(ReceivedMessage.MaxSender);
        builder.Property(m => m.Facility).HasMaxLength(ReceivedMessage.MaxSender);
        builder.Property(m => m.Host).HasMaxLength(64);
        builder.Property(m => m.ControlId).HasMaxLength(ReceivedMessage.MaxControlId);
        builder.Property(m => m.Sha256).HasMaxLength(64);
        builder.Property(m => m.Event).HasMaxLength(3);
        builder.Property(m => m.Number).HasMaxLength(64);
        builder.Property(m => m.FormerNumber).HasMaxLength(64);
        builder.Property(m => m.Reason).HasMaxLength(500);
        // A message that comes twice is taken once, also where both come at the same moment.
        builder.HasIndex(m => new { m.Application, m.Facility, m.ControlId }).IsUnique();
        builder.HasIndex(m => new { m.State, m.Id });
    }
}
