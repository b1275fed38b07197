//! What the owner sets up: schedules with overrides, hosts, resources, services and booking fields.

use slotstead_shared::{
    Date,
    ids::{FieldId, HostId, ResourceId, ScheduleId, ServiceId},
    wire::{DateOverride, Field, Host, HostInput, Resource, Schedule, Service, ServiceInput},
};

use super::{Columns, TenantStore, json};
use crate::store::StoreError;

impl TenantStore<'_> {
    // ------------------------------------------------------------ schedules

    pub fn schedules(&self) -> Result<Vec<Schedule>, StoreError> {
        self.all(
            "SELECT schedule_id, definition FROM schedules WHERE tenant_id = ?1
             ORDER BY schedule_id",
            &[],
            schedule_row,
        )
    }

    pub fn schedule(&self, id: &ScheduleId) -> Result<Option<Schedule>, StoreError> {
        self.one(
            "SELECT schedule_id, definition FROM schedules
             WHERE tenant_id = ?1 AND schedule_id = ?2",
            &[id.as_str().into()],
            schedule_row,
        )
    }

    pub fn put_schedule(&self, schedule: &Schedule) -> Result<(), StoreError> {
        self.write(
            "INSERT INTO schedules (tenant_id, schedule_id, definition) VALUES (?1, ?2, ?3)
             ON CONFLICT (tenant_id, schedule_id) DO UPDATE SET definition = excluded.definition",
            &[schedule.id.as_str().into(), json(&schedule.input)?],
        )
    }

    pub fn delete_schedule(&self, id: &ScheduleId) -> Result<(), StoreError> {
        let id = [id.as_str().into()];
        self.write(
            "DELETE FROM schedule_overrides WHERE tenant_id = ?1 AND schedule_id = ?2",
            &id,
        )?;
        self.write(
            "DELETE FROM schedules WHERE tenant_id = ?1 AND schedule_id = ?2",
            &id,
        )
    }

    pub fn overrides(&self, id: &ScheduleId) -> Result<Vec<DateOverride>, StoreError> {
        self.all(
            "SELECT local_date, spans FROM schedule_overrides
             WHERE tenant_id = ?1 AND schedule_id = ?2 ORDER BY local_date",
            &[id.as_str().into()],
            |row| {
                Ok(DateOverride {
                    date: row.parsed()?,
                    spans: row.json()?,
                })
            },
        )
    }

    /// The overrides of `from <= date <= to` of these schedules.
    pub fn overrides_between(
        &self,
        schedules: &[&ScheduleId],
        from: Date,
        to: Date,
    ) -> Result<Vec<(ScheduleId, DateOverride)>, StoreError> {
        let among = |schedules: &str| {
            format!(
                "SELECT schedule_id, local_date, spans FROM schedule_overrides
                 WHERE tenant_id = ?1 AND local_date >= ?2 AND local_date <= ?3
                 AND schedule_id IN ({schedules})"
            )
        };
        let dates = [from.to_string().into(), to.to_string().into()];
        let ids = schedules.iter().map(ToString::to_string);
        self.all_among(among, &dates, ids, |row| {
            let schedule = row.parsed()?;
            Ok((
                schedule,
                DateOverride {
                    date: row.parsed()?,
                    spans: row.json()?,
                },
            ))
        })
    }

    pub fn put_override(&self, id: &ScheduleId, value: &DateOverride) -> Result<(), StoreError> {
        self.write(
            "INSERT INTO schedule_overrides (tenant_id, schedule_id, local_date, spans)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (tenant_id, schedule_id, local_date) DO UPDATE SET spans = excluded.spans",
            &[
                id.as_str().into(),
                value.date.to_string().into(),
                json(&value.spans)?,
            ],
        )
    }

    pub fn delete_override(&self, id: &ScheduleId, date: Date) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM schedule_overrides
             WHERE tenant_id = ?1 AND schedule_id = ?2 AND local_date = ?3",
            &[id.as_str().into(), date.to_string().into()],
        )
    }

    // ------------------------------------------------------------ hosts

    pub fn hosts(&self) -> Result<Vec<Host>, StoreError> {
        self.all(
            "SELECT host_id, name, schedule_id, limits FROM hosts WHERE tenant_id = ?1
             ORDER BY host_id",
            &[],
            host_row,
        )
    }

    pub fn host(&self, id: &HostId) -> Result<Option<Host>, StoreError> {
        self.one(
            "SELECT host_id, name, schedule_id, limits FROM hosts
             WHERE tenant_id = ?1 AND host_id = ?2",
            &[id.as_str().into()],
            host_row,
        )
    }

    /// The hosts of a service with their schedules, in the order of their ids.
    pub fn hosts_of(&self, service: &ServiceId) -> Result<Vec<(Host, Schedule)>, StoreError> {
        self.all(
            "SELECT h.host_id, h.name, h.schedule_id, h.limits, s.schedule_id, s.definition
             FROM service_hosts sh
             JOIN hosts h ON h.tenant_id = sh.tenant_id AND h.host_id = sh.host_id
             JOIN schedules s ON s.tenant_id = h.tenant_id AND s.schedule_id = h.schedule_id
             WHERE sh.tenant_id = ?1 AND sh.service_id = ?2 ORDER BY h.host_id",
            &[service.as_str().into()],
            |row| Ok((host_row(row)?, schedule_row(row)?)),
        )
    }

    pub fn put_host(&self, host: &Host) -> Result<(), StoreError> {
        self.write(
            "INSERT INTO hosts (tenant_id, host_id, name, schedule_id, limits)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant_id, host_id) DO UPDATE SET name = excluded.name,
             schedule_id = excluded.schedule_id, limits = excluded.limits",
            &[
                host.id.as_str().into(),
                host.input.name.as_str().into(),
                host.input.schedule.as_str().into(),
                json(&host.input.limits)?,
            ],
        )
    }

    pub fn delete_host(&self, id: &HostId) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM hosts WHERE tenant_id = ?1 AND host_id = ?2",
            &[id.as_str().into()],
        )
    }

    /// How many services a host gives.
    pub fn services_of_host(&self, id: &HostId) -> Result<i64, StoreError> {
        self.number(
            "SELECT COUNT(*) FROM service_hosts WHERE tenant_id = ?1 AND host_id = ?2",
            &[id.as_str().into()],
        )
    }

    // ------------------------------------------------------------ resources

    pub fn resources(&self) -> Result<Vec<Resource>, StoreError> {
        self.all(
            "SELECT resource_id, definition FROM resources WHERE tenant_id = ?1
             ORDER BY resource_id",
            &[],
            resource_row,
        )
    }

    pub fn resource(&self, id: &ResourceId) -> Result<Option<Resource>, StoreError> {
        self.one(
            "SELECT resource_id, definition FROM resources
             WHERE tenant_id = ?1 AND resource_id = ?2",
            &[id.as_str().into()],
            resource_row,
        )
    }

    /// The resources that a service can take, in the order of their ids.
    pub fn resources_of(&self, service: &ServiceId) -> Result<Vec<Resource>, StoreError> {
        self.all(
            "SELECT r.resource_id, r.definition FROM service_resources sr
             JOIN resources r ON r.tenant_id = sr.tenant_id AND r.resource_id = sr.resource_id
             WHERE sr.tenant_id = ?1 AND sr.service_id = ?2 ORDER BY r.resource_id",
            &[service.as_str().into()],
            resource_row,
        )
    }

    pub fn put_resource(&self, resource: &Resource) -> Result<(), StoreError> {
        self.write(
            "INSERT INTO resources (tenant_id, resource_id, definition) VALUES (?1, ?2, ?3)
             ON CONFLICT (tenant_id, resource_id) DO UPDATE SET definition = excluded.definition",
            &[resource.id.as_str().into(), json(&resource.input)?],
        )
    }

    pub fn delete_resource(&self, id: &ResourceId) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM resources WHERE tenant_id = ?1 AND resource_id = ?2",
            &[id.as_str().into()],
        )
    }

    /// How many services need a resource.
    pub fn services_of_resource(&self, id: &ResourceId) -> Result<i64, StoreError> {
        self.number(
            "SELECT COUNT(*) FROM service_resources WHERE tenant_id = ?1 AND resource_id = ?2",
            &[id.as_str().into()],
        )
    }

    // ------------------------------------------------------------ services

    pub fn services(&self) -> Result<Vec<Service>, StoreError> {
        self.all(
            "SELECT service_id, definition FROM services WHERE tenant_id = ?1 ORDER BY service_id",
            &[],
            service_row,
        )
    }

    pub fn service(&self, id: &ServiceId) -> Result<Option<Service>, StoreError> {
        self.one(
            "SELECT service_id, definition FROM services WHERE tenant_id = ?1 AND service_id = ?2",
            &[id.as_str().into()],
            service_row,
        )
    }

    pub fn put_service(&self, id: &ServiceId, service: &ServiceInput) -> Result<(), StoreError> {
        self.write(
            "INSERT INTO services (tenant_id, service_id, definition) VALUES (?1, ?2, ?3)
             ON CONFLICT (tenant_id, service_id) DO UPDATE SET definition = excluded.definition",
            &[id.as_str().into(), json(service)?],
        )?;
        self.drop_service_parts(id)?;
        for host in &service.hosts {
            self.write(
                "INSERT INTO service_hosts (tenant_id, service_id, host_id) VALUES (?1, ?2, ?3)",
                &[id.as_str().into(), host.as_str().into()],
            )?;
        }
        for resource in service.resources.iter().flat_map(|need| &need.any_of) {
            self.write(
                "INSERT INTO service_resources (tenant_id, service_id, resource_id)
                 VALUES (?1, ?2, ?3)",
                &[id.as_str().into(), resource.as_str().into()],
            )?;
        }
        Ok(())
    }

    pub fn delete_service(&self, id: &ServiceId) -> Result<(), StoreError> {
        self.drop_service_parts(id)?;
        self.write(
            "DELETE FROM services WHERE tenant_id = ?1 AND service_id = ?2",
            &[id.as_str().into()],
        )
    }

    fn drop_service_parts(&self, id: &ServiceId) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM service_hosts WHERE tenant_id = ?1 AND service_id = ?2",
            &[id.as_str().into()],
        )?;
        self.write(
            "DELETE FROM service_resources WHERE tenant_id = ?1 AND service_id = ?2",
            &[id.as_str().into()],
        )
    }

    // ------------------------------------------------------------ booking fields

    /// In the order of the form: by position, then by id.
    pub fn fields(&self) -> Result<Vec<Field>, StoreError> {
        let mut fields = self.all(
            "SELECT field_id, definition FROM fields WHERE tenant_id = ?1 ORDER BY field_id",
            &[],
            |row| {
                Ok(Field {
                    id: row.parsed()?,
                    input: row.json()?,
                })
            },
        )?;
        fields.sort_by_key(|field| field.input.position);
        Ok(fields)
    }

    pub fn put_field(&self, field: &Field) -> Result<(), StoreError> {
        self.write(
            "INSERT INTO fields (tenant_id, field_id, definition) VALUES (?1, ?2, ?3)
             ON CONFLICT (tenant_id, field_id) DO UPDATE SET definition = excluded.definition",
            &[field.id.as_str().into(), json(&field.input)?],
        )
    }

    pub fn delete_field(&self, id: &FieldId) -> Result<(), StoreError> {
        self.write(
            "DELETE FROM fields WHERE tenant_id = ?1 AND field_id = ?2",
            &[id.as_str().into()],
        )
    }
}

fn schedule_row(row: &mut Columns) -> Result<Schedule, StoreError> {
    Ok(Schedule {
        id: row.parsed()?,
        input: row.json()?,
    })
}

fn host_row(row: &mut Columns) -> Result<Host, StoreError> {
    let id = row.parsed()?;
    Ok(Host {
        id,
        input: HostInput {
            name: row.text()?,
            schedule: row.parsed()?,
            limits: row.json()?,
        },
    })
}

fn resource_row(row: &mut Columns) -> Result<Resource, StoreError> {
    Ok(Resource {
        id: row.parsed()?,
        input: row.json()?,
    })
}

fn service_row(row: &mut Columns) -> Result<Service, StoreError> {
    Ok(Service {
        id: row.parsed()?,
        input: row.json()?,
    })
}
