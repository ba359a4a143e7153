using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class StudyChanges : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Studies_AgeYears_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_PatientNumber_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_PredictedClass_ReadCount_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_Probability_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_ReadCount_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_Status_ReadCount_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.AddColumn<bool>(
                name: "IsWithdrawn",
                table: "Studies",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "StudyChanges",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    StudyId = table.Column<Guid>(type: "TEXT", nullable: false),
                    ActionId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Before = table.Column<string>(type: "TEXT", nullable: false),
                    After = table.Column<string>(type: "TEXT", nullable: false),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    ChangedBy = table.Column<Guid>(type: "TEXT", nullable: false),
                    ChangedByName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    ChangedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    UndoesId = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StudyChanges", x => x.Id);
                    table.ForeignKey(
                        name: "FK_StudyChanges_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_AgeYears_Id",
                table: "Studies",
                columns: new[] { "AgeYears", "Id" },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_PatientNumber_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "PatientNumber", "ReceivedAt", "Id" },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_PredictedClass_ReadCount_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "PredictedClass", "ReadCount", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Probability_Id",
                table: "Studies",
                columns: new[] { "Probability", "Id" },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_ReadCount_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "ReadCount", "ReceivedAt", "Id" },
                descending: new[] { false, true, true },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "ReceivedAt", "Id" },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Status_ReadCount_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "Status", "ReadCount", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_StudyChanges_ActionId",
                table: "StudyChanges",
                column: "ActionId");

            migrationBuilder.CreateIndex(
                name: "IX_StudyChanges_StudyId_Id",
                table: "StudyChanges",
                columns: new[] { "StudyId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_StudyChanges_UndoesId",
                table: "StudyChanges",
                column: "UndoesId",
                unique: true,
                filter: "\"UndoesId\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "StudyChanges");

            migrationBuilder.DropIndex(
                name: "IX_Studies_AgeYears_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_PatientNumber_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_PredictedClass_ReadCount_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_Probability_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_ReadCount_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropIndex(
                name: "IX_Studies_Status_ReadCount_ReceivedAt_Id",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "IsWithdrawn",
                table: "Studies");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_AgeYears_Id",
                table: "Studies",
                columns: new[] { "AgeYears", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_PatientNumber_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "PatientNumber", "ReceivedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_PredictedClass_ReadCount_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "PredictedClass", "ReadCount", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Probability_Id",
                table: "Studies",
                columns: new[] { "Probability", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_ReadCount_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "ReadCount", "ReceivedAt", "Id" },
                descending: new[] { false, true, true });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "ReceivedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Status_ReadCount_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "Status", "ReadCount", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true });
        }
    }
}
