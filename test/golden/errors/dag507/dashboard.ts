export default { charts: [{ id: 'Sales', title: 'Sales', description: 'By day', sql: 'SELECT 1', spec: {} }] }
